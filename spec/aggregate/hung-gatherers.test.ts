import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import type { Family, Gatherer, GatherOptions } from '../../lib/model/family.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { turn } from '../support/turn.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

// Reporters whose gatherer, an object of the program, does not answer: time passes only when a test says so.

/** Lets seconds pass, and whatever waits for them run. */
async function pass(t: TestContext, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10; i++) {
    t.mock.timers.tick(100);
    await turn();
  }
}

/** Returns whether a promise settles before so many seconds have passed. */
async function settlesWithin(t: TestContext, seconds: number, promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => (isSettled = true));
  await pass(t, seconds);
  return isSettled;
}

/** A registry with a counter, behind a gatherer that answers when it is let go. */
function withGates() {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const held: (() => void)[] = [];
  let calls = 0;
  const gatherer = {
    isHung: false,
    async gather(options?: GatherOptions): Promise<readonly Family[]> {
      calls++;
      if (gatherer.isHung) await new Promise<void>((resolve) => held.push(resolve));
      return registry.gather(options);
    },
  };
  const letGo = (): void => {
    for (const resolve of held.splice(0)) resolve();
  };
  return { jobs, gatherer, letGo, calls: () => calls };
}

/** What an aggregator knows, without waiting for anybody. */
async function known(t: TestContext, aggregation: Gatherer): Promise<Map<string, number>> {
  const gathering = aggregation.gather({ timeoutSeconds: 0 });
  await pass(t, 0.1);
  return valuesOf(await gathering);
}

const jobsOf = async (t: TestContext, aggregation: Gatherer): Promise<number | undefined> =>
  (await known(t, aggregation)).get('jobs_total{}');

test('Reporter.report() settles within seconds if the gatherer hangs, and says so once', async (t) => {
  const warnings = await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { aggregation, start } = memoryWorkers();
  const { jobs, gatherer } = withGates();
  const worker = start(gatherer);
  jobs.inc();
  await worker.report();
  gatherer.isHung = true;
  for (let i = 0; i < 2; i++) assert.ok(await settlesWithin(t, 6, worker.report()));
  assert.equal(await jobsOf(t, aggregation), 1, 'the last known value');
  assert.deepEqual(
    warnings.filter(({ code }) => code !== undefined).map(({ message }) => message),
    ['Cannot report metrics: expected families with series, got no answer within 4.5 s.'],
  );
});

test('Reporter.report() reports all but the collector that hangs, however long the registry would wait for it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { aggregation, start } = memoryWorkers();
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 3600 });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  registry.registerCollector({ name: 'hung', collect: () => new Promise(() => undefined) });
  await registry.prepare(); // loading takes time, which does not pass here
  const worker = start(registry);
  jobs.inc(3);
  assert.ok(await settlesWithin(t, 6, worker.report()));
  assert.equal(await jobsOf(t, aggregation), 3);
});

test('Reporter.report() and requests do not mix their reports, and a request gets the whole one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 3600 });
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 3600 });
  let finish: () => void = () => undefined;
  registry.registerCollector({
    name: 'slow',
    collect: () =>
      new Promise((resolve) => {
        finish = () => resolve([{ name: 'slow', help: 'H.', type: 'gauge', series: [{ value: 7 }] }]);
      }),
  });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['n'], registers: [registry] });
  for (let n = 0; n < 20_000; n++) jobs.inc({ n: String(n) }, n);
  const worker = start(registry);
  const asked = aggregation.gather();
  await settlesWithin(t, 4, worker.report());
  for (let n = 0; n < 20_000; n++) jobs.inc({ n: String(n) });
  const reported = worker.report();
  await pass(t, 1);
  finish();
  await reported;
  const values = valuesOf(await asked);
  assert.equal(values.get('slow{}'), 7);
  for (let n = 0; n < 20_000; n++) assert.equal(values.get(`jobs_total{n="${n}"}`), n + 1);
});

test('Reporter asks a gatherer that hangs a few times at most, and reports again when it has recovered', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 2 });
  const { jobs, gatherer, letGo, calls } = withGates();
  const worker = start(gatherer);
  jobs.inc();
  await aggregation.gather();
  const before = calls();
  gatherer.isHung = true;
  jobs.inc(10);
  const asked = aggregation.gather({ timeoutSeconds: 1 });
  for (let second = 0; second < 600; second++) {
    worker.reportIfTaken();
    await pass(t, 1);
  }
  assert.equal(valuesOf(await asked).get('jobs_total{}'), 1);
  assert.ok(calls() - before <= 3, `${calls() - before} calls hang`);
  gatherer.isHung = false;
  letGo();
  await pass(t, 1);
  // Without another request.
  assert.equal(await jobsOf(t, aggregation), 11);
  jobs.inc(100);
  worker.reportIfTaken();
  await pass(t, 1);
  assert.equal(await jobsOf(t, aggregation), 111);
});

test('Reporter reports again though a call of its gatherer never settles', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 2 });
  const { jobs, gatherer } = withGates();
  const worker = start(gatherer);
  await aggregation.gather();
  gatherer.isHung = true;
  jobs.inc(10);
  worker.reportIfTaken();
  await pass(t, 1);
  gatherer.isHung = false; // for other calls
  await pass(t, 61);
  worker.reportIfTaken();
  await pass(t, 1);
  assert.equal(await jobsOf(t, aggregation), 10);
});

test('Reporter asks a gatherer of which calls were lost once an hour', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 2 });
  const { jobs, gatherer, calls } = withGates();
  const worker = start(gatherer);
  await aggregation.gather();
  gatherer.isHung = true;
  const before = calls();
  for (let minute = 0; minute < 10; minute++) {
    worker.reportIfTaken();
    await pass(t, 61);
  }
  assert.equal(calls() - before, 3);
  gatherer.isHung = false;
  jobs.inc(10);
  worker.reportIfTaken();
  await pass(t, 1);
  assert.equal(await jobsOf(t, aggregation), 0);
  const now = performance.now() + 3_600_001;
  t.mock.method(performance, 'now', () => now);
  worker.reportIfTaken();
  await pass(t, 1);
  assert.equal(await jobsOf(t, aggregation), 10);
});

test('Reporter survives whatever a gatherer does, counts go on, and no report is sent without end', async (t) => {
  const warnings = await collectWarnings(t);
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const faults: Record<string, () => unknown> = {
    'throws null': () => {
      throw null;
    },
    'throws a revoked Proxy': () => {
      throw proxy;
    },
    'rejects late': async () => {
      await turn();
      throw new Error('late');
    },
    'returns nothing': () => undefined,
    'resolves to a text': async () => 'families',
    'resolves to a revoked Proxy': async () => proxy,
    'has a family of null': async () => [null],
    'has a family that throws': async () => [
      {
        get name() {
          throw new Error('getter');
        },
      },
    ],
    'throws a thenable whose then() throws': () => ({
      get then() {
        throw new Error('then');
      },
    }),
  };
  for (const [name, fault] of Object.entries(faults)) {
    const { aggregation, start } = memoryWorkers({ timeoutSeconds: 0.05 });
    const registry = new MetricsRegistry();
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
    let isFaulty = false;
    let calls = 0;
    const gather = (): Promise<readonly Family[]> => {
      calls++;
      return isFaulty ? (fault() as Promise<readonly Family[]>) : registry.gather();
    };
    const worker = start({ gather });
    jobs.inc(2);
    assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{}'), 2, name);
    isFaulty = true;
    await worker.report();
    await aggregation.gather();
    worker.reportIfTaken();
    for (let i = 0; i < 20; i++) await turn();
    assert.ok(calls < 10, `${name}: ${calls} calls`);
    isFaulty = false;
    jobs.inc(3);
    worker.reportIfTaken();
    for (let i = 0; i < 20; i++) await turn();
    const values = valuesOf(await aggregation.gather());
    assert.equal(values.get('jobs_total{}'), 5, name);
    assert.equal(values.get('metrics_client_workers{state="late"}'), 0, name);
  }
  assert.deepEqual(rejections, []);
  assert.deepEqual([...new Set(warnings.flatMap(({ code }) => code ?? []))], ['METRICS_REPORT_FAILED']);
});
