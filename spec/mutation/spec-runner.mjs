// Runs the specs for Stryker, all of them in one process: a mutant then costs the time of its specs, not that of a new Node.
//
// The specs import `node:test`, which can run a test only once. Here that import leads to this file, whose `test()` keeps the
// test, so that it can be run again for each mutant that it reaches. A test that a mutant has failed is run again without the
// mutant. If it fails once more, the mutant has left something behind: the process is replaced and the mutant tried again.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, resolve } from 'node:path';
import { mock } from 'node:test';
import { pathToFileURL } from 'node:url';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import { DryRunStatus, determineHitLimitReached, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';

/** A test hangs if it takes this much longer than ten times what it cost without a mutant: on a busy machine, a second takes many. */
const HANGS_AFTER_MILLISECONDS = 20_000;

/** What each test cost without a mutant, for the processes that follow the first. */
const COSTS = 'spec-costs.json';

/** A spec that is named after the mutated file is the likeliest to fail: it runs as if it cost so many times less. */
const OWN_ADVANTAGE = 200;

const { setTimeout, clearTimeout, performance } = globalThis; // the real ones: tests replace them
const mutants = (globalThis.__stryker__ ??= {});
/** Tests and hooks of all spec files, in the order of their registration. */
const tests = [];
let file = '';

registerHooks({
  resolve(specifier, context, next) {
    const isSpec = context.parentURL?.includes('/dist/') === true;
    return next(specifier === 'node:test' && isSpec ? import.meta.url : specifier, context);
  },
});

export { mock };

/** Stands in for `test()` of `node:test`. */
export function test(name, ...rest) {
  const body = rest.pop();
  const { skip = false } = rest[0] ?? {};
  tests.push({ id: `${file} ${name}`, name, file, body, isSkipped: skip !== false && skip !== undefined, cost: 10_000 });
}

/** Stands in for `before()` of `node:test`: what a file needs is ready before its first test. */
export async function before(body) {
  await body();
}

class SpecRunner {
  static inject = tokens(commonTokens.options);
  #options;
  #hasStarted = false;
  #reachedByRoom = {};
  #hasRunMutants = false;
  #isSpoilt = false;

  constructor(options) {
    this.#options = options;
  }

  /** A mutant that is reached while a module loads gets a new process. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  /** Loads the room before the specs: what loads lazily would otherwise load while a test runs, and only once. */
  async #start() {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { room, specs } = this.#options.finpilot;
    for (const path of readdirSync(`dist/lib/${room}`, { recursive: true }).sort()) {
      if (path.endsWith('.js')) await import(pathToFileURL(resolve(`dist/lib/${room}`, path)).href);
    }
    const reachedByRoom = { ...mutants.mutantCoverage?.static };
    for (file of specs) await import(pathToFileURL(resolve(file)).href);
    this.#reachedByRoom = reachedByRoom;
    if (!existsSync(COSTS)) return;
    const costs = JSON.parse(readFileSync(COSTS, 'utf8'));
    for (const each of tests) each.cost = costs[each.id];
  }

  async dryRun() {
    await this.#start();
    const results = [];
    for (const each of tests) {
      mutants.currentTestId = each.id;
      const started = performance.now();
      const before = process.cpuUsage();
      const failure = (await failureOf(each)) && (await failureOf(each)); // a busy machine fails one that measures time
      const { user, system } = process.cpuUsage(before);
      each.cost = (user + system) / 1000; // a busy machine makes it no larger
      results.push(resultOf(each, failure, performance.now() - started));
    }
    mutants.currentTestId = undefined;
    this.#forgetLoadingOfSpecs(mutants.mutantCoverage);
    writeFileSync(COSTS, JSON.stringify(Object.fromEntries(tests.map(({ id, cost }) => [id, cost]))));
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: mutants.mutantCoverage };
  }

  /** A metric that a spec file creates while it loads would cost a new process for each mutant of the metric. */
  #forgetLoadingOfSpecs(coverage) {
    const reachedByTests = Object.assign({}, ...Object.values(coverage?.perTest ?? {}));
    for (const id of Object.keys(coverage?.static ?? {})) {
      if (id in reachedByTests && !(id in this.#reachedByRoom)) delete coverage.static[id];
    }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
    if (this.#isSpoilt) throw new Error('A mutant before has left something behind.');
    const isFirst = !this.#hasRunMutants;
    this.#hasRunMutants = true;
    if (mutantActivation === 'static') mutants.activeMutant = activeMutant.id;
    await this.#start();
    Object.assign(mutants, { activeMutant: activeMutant.id, hitCount: hitLimit && 0, hitLimit });
    const wanted = testFilter && new Set(testFilter);
    const spec = `/${basename(activeMutant.fileName, '.ts')}.test.js`;
    const weight = (one) => (one.file.endsWith(spec) ? one.cost / OWN_ADVANTAGE : one.cost);
    const chosen = tests
      .filter((one) => weight(one) <= this.#options.finpilot.maximalCost && (wanted?.has(one.id) ?? true))
      .sort((a, b) => weight(a) - weight(b));
    const results = [];
    for (const each of chosen) {
      const failure = await failureOf(each);
      const timeout = determineHitLimitReached(mutants.hitCount, hitLimit);
      results.push(resultOf(each, failure));
      if (failure === undefined && timeout === undefined) continue;
      Object.assign(mutants, { activeMutant: undefined, hitCount: undefined });
      this.#isSpoilt = (await failureOf(each)) !== undefined;
      if (this.#isSpoilt && !isFirst) throw new Error('A mutant before may have left something behind.');
      if (timeout !== undefined) return timeout;
      break;
    }
    mutants.activeMutant = undefined;
    return toMutantRunResult({ status: DryRunStatus.Complete, tests: results });
  }
}

/** The option that the configuration passes. */
export const strykerValidationSchema = { properties: { finpilot: { type: 'object' } } };
export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'specs', SpecRunner)];

/** Runs one test as `node:test` does, and tells why it failed. */
async function failureOf(each) {
  if (each.isSkipped) return undefined;
  const cleanups = [];
  const tracker = new mock.constructor();
  const context = {
    name: each.name,
    mock: tracker,
    after: (cleanup) => void cleanups.push(cleanup),
    diagnostic() {},
    test: async (_name, body) => await body(context),
  };
  let stop;
  const stopped = new Promise((_resolve, reject) => {
    stop = reject;
  });
  // Unref'd: a test may look at what keeps the process alive.
  const timer = setTimeout(stop, HANGS_AFTER_MILLISECONDS + 10 * each.cost, new Error('hangs')).unref();
  // An exception that nobody catches fails the test during which it is thrown.
  process.on('uncaughtException', stop).on('unhandledRejection', stop);
  try {
    await Promise.race([(async () => await each.body(context))(), stopped]);
    return undefined;
  } catch (error) {
    return error ?? new Error('threw nothing');
  } finally {
    clearTimeout(timer);
    process.off('uncaughtException', stop).off('unhandledRejection', stop);
    for (const cleanup of cleanups) await (async () => cleanup(context))().catch(() => {});
    tracker.reset();
    mock.reset();
  }
}

function resultOf({ id, isSkipped, cost }, failure, timeSpentMs = cost) {
  const result = { id, name: id, timeSpentMs };
  if (isSkipped) return { ...result, status: TestStatus.Skipped };
  if (failure === undefined) return { ...result, status: TestStatus.Success };
  return { ...result, status: TestStatus.Failed, failureMessage: String(failure?.stack ?? failure) };
}
