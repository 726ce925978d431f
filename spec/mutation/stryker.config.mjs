// Configuration of Stryker for files of one room of lib, which `.ci/mutation.mjs` names in the environment.
//
// The TypeScript is mutated in a copy of the package, all mutants at once, and compiled there; a variable of the environment
// switches one of them on. Each spec file runs in a process of its own, and for a mutant only those run that reach it.

const room = process.env.FINPILOT_MUTATION_ROOM;
/** The specs of other rooms that hold this one to its promises. */
const BESIDE = {
  registry: ['model', 'metrics/max-series.test.js', 'testing', 'drop-in/registry.test.js'],
  metrics: ['model', 'registry/metrics-registry.test.js'],
  exposition: ['model', 'parse/agreement.test.js'],
};
const beside = BESIDE[room].map((path) => (path.endsWith('.js') ? `dist/spec/${path}` : `dist/spec/${path}/**/*.test.js`));

export default {
  mutate: process.env.FINPILOT_MUTATION_FILES.split(','),
  testRunner: 'tap',
  tap: {
    testFiles: [`dist/spec/${room}/**/*.test.js`, ...beside],
    nodeArgs: ['--enable-source-maps', '--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'],
    forceBail: true,
  },
  coverageAnalysis: 'perTest',
  // Run before the copy has its node_modules.
  buildCommand: 'node ../../../../node_modules/typescript/bin/tsc -p tsconfig.json',
  // Stryker would rewrite it by the compiler's API, which TypeScript 7 does not have.
  tsconfigFile: 'none',
  checkers: [],
  concurrency: Number(process.env.FINPILOT_MUTATION_CONCURRENCY ?? 1),
  // Mutants that never end are few, and a machine that has other work must not pass for one.
  timeoutMS: 30_000,
  timeoutFactor: 4,
  ignorePatterns: ['dist', 'coverage', '.ci', 'bench/peers', 'spec/mutation', 'spec/downstream/next'],
  tempDirName: 'spec/mutation/.stryker-tmp',
  incremental: true,
  incrementalFile: `spec/mutation/reports/${room}-incremental.json`,
  reporters: ['progress-append-only'],
  thresholds: { high: 95, low: 90, break: null },
};
