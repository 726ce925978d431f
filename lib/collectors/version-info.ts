import type { Group } from './group.ts';

/**
 * The version of Node.
 *
 * ```text
 * nodejs_version_info{version="v20.19.0",major="20",minor="19",patch="0"} 1
 * ```
 */
export function versionInfo(version: string = process.version): Group {
  // A nightly build is v26.0.0-nightly…: what follows the patch number is in the version only.
  const [major = '', minor = '', patch = ''] = version.match(/\d+/g) ?? [];
  return {
    collect() {
      return [
        {
          name: 'nodejs_version_info',
          help: 'Version of Node.js.',
          type: 'gauge',
          aggregator: 'first',
          series: [{ labels: { version, major, minor, patch }, value: 1 }],
        },
      ];
    },
  };
}
