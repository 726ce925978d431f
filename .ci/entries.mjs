/** The source of each public entry, by the name of its files: `index` is the main entry, `core` is `@finpilot/metrics/core`. */
export const ENTRIES = {
  index: 'lib/index.ts',
  core: 'lib/core.ts',
  finpilot: 'lib/finpilot/index.ts',
  parse: 'lib/parse/index.ts',
  testing: 'lib/testing/index.ts',
  push: 'lib/push/index.ts',
  summary: 'lib/summary.ts',
  aggregate: 'lib/aggregate/index.ts',
  native: 'lib/native/index.ts',
  textfile: 'lib/bridges/textfile.ts',
  statsd: 'lib/bridges/statsd/index.ts',
  graphite: 'lib/bridges/graphite.ts',
  cloudwatch: 'lib/bridges/cloudwatch.ts',
  http: 'lib/http/index.ts',
  service: 'lib/service/index.ts',
  thread: 'lib/thread/index.ts',
};
