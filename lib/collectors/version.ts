import { type Group, type Naming, readTogether } from './group.ts';

/**
 * The version of Node.
 *
 * ```text
 * nodejs_version_info{version="v20.19.0",major="20",minor="19",patch="0"} 1
 * ```
 */
export function version(naming: Naming, text: string = process.version): Group {
  // A nightly build is v26.0.0-nightly…: what follows the patch number is in the version only.
  const [major = 0, minor = 0, patch = 0] = (text.match(/\d+/g) ?? []).map(Number);
  const labelNames = ['version', 'major', 'minor', 'patch'];
  return readTogether(
    naming,
    [{ type: 'gauge', name: 'nodejs_version_info', help: 'Node.js version info.', labelNames, aggregator: 'first' }],
    () => [[[[text, major, minor, patch], 1]]],
  );
}
