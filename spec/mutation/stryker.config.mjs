// Configuration of Stryker for files of one room of lib, which `.ci/mutation.mjs` names in the environment.
//
// The TypeScript is mutated in a copy of the package, all mutants at once, and compiled there; a variable of the environment
// switches one of them on. For a mutant only those specs run that reach it (spec-runner.mjs).

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const room = process.env.FINPILOT_MUTATION_ROOM;
/** The most processor time of a spec in milliseconds; one that takes more is left out. */
const maximalCost = Number(process.env.FINPILOT_MUTATION_MAXIMAL_COST);
/** The specs that hold a room to its promises: its own, and some of others. */
const SPECS = {
  registry: ['registry', 'model', 'metrics/max-series.test.ts', 'metrics/idle-seconds.test.ts', 'metrics/exemplar-sources.test.ts', 'testing', 'prom-client/registry.test.ts'],
  metrics: ['metrics', 'model', 'registry/metrics-registry.test.ts'],
  exposition: ['exposition', 'model', 'native', 'parse/agreement.test.ts'],
};
/** Of these, the ones whose path contains one of the names; all if there is none. */
const names = process.env.FINPILOT_MUTATION_SPECS.split(',');
const specs = readdirSync('spec', { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.test.ts') && SPECS[room].some((wanted) => path === wanted || path.startsWith(`${wanted}/`)))
  .filter((path) => names.some((name) => path.includes(name)))
  // The copy has no bundles, which the mutants are not in.
  .filter((path) => !readFileSync(`spec/${path}`, 'utf8').includes("'bundle'"));

export default {
  mutate: process.env.FINPILOT_MUTATION_FILES.split(','),
  testRunner: 'specs',
  plugins: [fileURLToPath(new URL('spec-runner.mjs', import.meta.url))],
  finpilot: {
    room,
    specs: specs.map((path) => `dist/spec/${path.replace(/\.ts$/, '.js')}`),
    maximalCost,
  },
  coverageAnalysis: 'perTest',
  // Run before the copy has its node_modules.
  buildCommand: 'node ../../../../node_modules/typescript/bin/tsc -p tsconfig.json',
  // Stryker would rewrite it by the compiler's API, which TypeScript 7 does not have.
  tsconfigFile: 'none',
  checkers: [],
  concurrency: Number(process.env.FINPILOT_MUTATION_CONCURRENCY ?? 1),
  // A mutant that takes longer counts as killed, so a busy machine must not make a survivor pass for one that never ends: those are
  // few, and most are recognized by how often they are hit. Left-out specs count here too.
  timeoutMS: 60_000,
  timeoutFactor: maximalCost < Number.MAX_VALUE ? 0.1 : 3,
  ignorePatterns: ['dist', 'coverage', '.ci', 'bench/peers', 'spec/mutation', 'spec/downstream/next'],
  tempDirName: 'spec/mutation/.stryker-tmp',
  incremental: true, // keeps the results of other files
  force: true, // Stryker cannot see that a spec has changed
  incrementalFile: `spec/mutation/reports/${room}-incremental.json`,
  reporters: ['progress-append-only'],
  thresholds: { high: 95, low: 90, break: null },
};
