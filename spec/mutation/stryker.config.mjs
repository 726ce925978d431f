// Configuration of Stryker for files of one room of lib, which `.ci/mutation.mjs` names in the environment.
//
// The TypeScript is mutated in a copy of the package, all mutants at once, and compiled there; a variable of the environment
// switches one of them on. Each spec file runs in a process of its own, and for a mutant only those run that reach it.

import { readdirSync, readFileSync } from 'node:fs';

const room = process.env.FINPILOT_MUTATION_ROOM;
/** The specs that hold a room to its promises: its own, and some of others. */
const SPECS = {
  registry: ['registry', 'model', 'metrics/max-series.test.ts', 'testing', 'prom-client/registry.test.ts'],
  metrics: ['metrics', 'model', 'registry/metrics-registry.test.ts'],
  exposition: ['exposition', 'model', 'parse/agreement.test.ts'],
};
const specs = readdirSync('spec', { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.test.ts') && SPECS[room].some((wanted) => path === wanted || path.startsWith(`${wanted}/`)))
  // The copy has no bundles, which the mutants are not in.
  .filter((path) => !readFileSync(`spec/${path}`, 'utf8').includes("'bundle'"));

export default {
  mutate: process.env.FINPILOT_MUTATION_FILES.split(','),
  testRunner: 'tap',
  tap: {
    testFiles: specs.map((path) => `dist/spec/${path.replace(/\.ts$/, '.js')}`),
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
