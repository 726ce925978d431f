import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PushLoop, type SendFamilies } from '../../lib/bridges/push-loop.ts';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { sampleValue } from '../../lib/testing/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { packageRoot } from '../support/package-root.ts';
import { StartedProgram } from '../support/started-program.ts';
import { turn } from '../support/turn.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

/** A loop under a clock that the test moves. */
async function loop(
  t: TestContext,
  send: SendFamilies,
): Promise<{ registry: MetricsRegistry; pushes: PushLoop; tick(seconds: number): Promise<void> }> {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_003_000 });
  const registry = new MetricsRegistry();
  await registry.gather(); // loads what later runs need not wait for
  const pushes = new PushLoop('spec', { registry }, 10, send);
  const tick = async (seconds: number): Promise<void> => {
    t.mock.timers.tick(seconds * 1000);
    for (let i = 0; i < 5; i++) await turn();
  };
  return { registry, pushes, tick };
}

function resultsOf(registry: MetricsRegistry): Promise<(number | undefined)[]> {
  const results = ['sent', 'failed', 'skipped'];
  return Promise.all(
    results.map((result) => sampleValue(registry, 'metrics_client_pushes_total', { bridge: 'spec', result })),
  );
}

test('PushLoop pushes at each multiple of its interval', async (t) => {
  const times: number[] = [];
  const { tick, registry } = await loop(t, async () => void times.push(Date.now() / 1000));
  for (let i = 0; i < 30; i++) await tick(1);
  assert.deepEqual(times, [1_000_010, 1_000_020, 1_000_030]);
  assert.deepEqual(await resultsOf(registry), [3, undefined, undefined]);
});

test('PushLoop pushes once at each multiple, though its timer ends before the clock gets there', async (t) => {
  const { tick, registry } = await loop(t, async () => undefined);
  const { now } = Date;
  t.mock.method(Date, 'now', () => now() - 1);
  for (let i = 0; i < 28; i++) {
    await tick(0.999);
    await tick(0.001);
  }
  assert.deepEqual(await resultsOf(registry), [3, undefined, undefined]);
});

test('PushLoop has one push under way at a time, and lets intervals pass meanwhile', async (t) => {
  let begun = 0;
  let end: () => void = () => undefined;
  const { tick, registry, pushes } = await loop(t, (_, signal) => {
    begun++;
    return new Promise((resolve) => {
      end = resolve;
      signal.addEventListener('abort', () => resolve());
    });
  });
  await tick(7);
  await tick(5);
  const joined = pushes.push();
  await tick(5);
  assert.equal(begun, 1);
  end();
  await joined;
  await tick(10);
  assert.equal(begun, 2);
  assert.deepEqual(await resultsOf(registry), [1, undefined, 1]);
  end();
});

test('PushLoop aborts a push that takes too long, and goes on', async (t) => {
  await collectWarnings(t);
  const reasons: string[] = [];
  const { tick, registry } = await loop(t, (_, signal) => {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reasons.push((signal.reason as { code: string }).code);
        reject(signal.reason);
      });
    });
  });
  for (let i = 0; i < 40; i++) await tick(1);
  assert.ok(reasons.length >= 2, reasons.join());
  const [sent, failed] = await resultsOf(registry);
  assert.equal(sent, undefined);
  assert.equal(failed, reasons.length);
});

test('PushLoop gives up a push that nothing ends, and goes on: a function of the program may hang', async (t) => {
  await collectWarnings(t);
  let begun = 0;
  const { tick, registry, pushes } = await loop(t, () => {
    begun++;
    return new Promise(() => undefined);
  });
  for (let i = 0; i < 30; i++) await tick(1);
  assert.ok(begun >= 2);
  assert.deepEqual((await resultsOf(registry))[1], begun - 1);
  const closed = pushes.close();
  for (let i = 0; i < 30; i++) await tick(1);
  await closed;

  const hanging = new PushLoop(
    'spec',
    { registry: { gather: () => new Promise(() => undefined) } },
    10,
    async () => {},
  );
  const refused = assert.rejects(hanging.push(), { code: 'ETIMEDOUT' });
  for (let i = 0; i < 30; i++) await tick(1);
  await refused;
});

test('PushLoop begins few pushes while a function of the program hangs, and goes on when it has ended', async (t) => {
  await collectWarnings(t);
  const ends: (() => void)[] = [];
  let isHung = true;
  const { tick, registry } = await loop(t, () =>
    isHung ? new Promise<void>((resolve) => ends.push(resolve)) : Promise.resolve(),
  );
  for (let i = 0; i < 1000; i++) await tick(1);
  assert.equal(ends.length, 3);
  isHung = false;
  ends[0]!();
  for (let i = 0; i < 12; i++) await tick(1);
  assert.ok((await resultsOf(registry))[0]! >= 1, 'pushes again');
  // Should the others never end, a push is tried once an hour.
  isHung = true;
  for (let i = 0; i < 100; i++) await tick(1);
  assert.equal(ends.length, 4);
  const now = performance.now() + 3_600_001;
  t.mock.method(performance, 'now', () => now);
  for (let i = 0; i < 12; i++) await tick(1);
  assert.equal(ends.length, 5);
});

test('PushLoop reports a failure once, counts each, and throws nothing into the process', async (t) => {
  const warnings = await collectWarnings(t);
  const { tick, registry } = await loop(t, () => Promise.reject(new Error('no route')));
  for (let i = 0; i < 30; i++) await tick(1);
  assert.deepEqual(await resultsOf(registry), [undefined, 3, undefined]);
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, message]),
    [['METRICS_PUSH_FAILED', 'Pushing metrics to spec fails: no route. Further failures are only counted.']],
  );
});

test('PushLoop counts the series that did not arrive, and fails a push of which some were refused', async (t) => {
  const warnings = await collectWarnings(t);
  const sends: SendFamilies[] = [
    async (_, _signal, { taken, refused }) => {
      taken(2);
      refused(new Error('first batch'));
      refused(new Error('second batch'));
      taken(1);
    },
    async (_, _signal, { taken }) => {
      taken(1);
      throw new Error('no route');
    },
    async () => undefined,
  ];
  const { pushes, registry } = await loop(t, (...of) => sends[0]!(...of));
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 10; i++) many.set({ i }, i);
  const dropped = (): Promise<number | undefined> =>
    sampleValue(registry, 'metrics_client_push_dropped_series_total', { bridge: 'spec' });
  // The series of the push itself are among them from the second on: its results, its duration, what was dropped.
  const expected = [7, 7 + 9 + 3, 7 + 9 + 3];
  for (const [i, message] of [/first batch/, /no route/, undefined].entries()) {
    if (message === undefined) await pushes.push();
    else await assert.rejects(pushes.push(), message);
    assert.equal(await dropped(), expected[i]);
    sends.shift();
  }
  assert.deepEqual(await resultsOf(registry), [1, 2, undefined]);
  assert.deepEqual(warnings, []);
});

test('PushLoop.push() rejects with the failure; close() pushes a last time and does not reject', async (t) => {
  let begun = 0;
  const { tick, pushes } = await loop(t, () => {
    begun++;
    return Promise.reject(new Error('no route'));
  });
  await assert.rejects(pushes.push(), /no route/);
  await pushes.close();
  assert.equal(pushes.close(), pushes.close());
  await tick(100);
  assert.equal(begun, 2);
});

test('PushLoop.close() does not push to a receiver that has just hung, and reports it', async (t) => {
  const warnings = await collectWarnings(t);
  let begun = 0;
  const { tick, pushes } = await loop(t, (_, signal) => {
    begun++;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  const failed = assert.rejects(pushes.push(), { code: 'ETIMEDOUT' });
  const closed = pushes.close();
  await tick(0); // lets the push begin
  await tick(11);
  await failed;
  await closed;
  assert.equal(begun, 1);
  assert.equal(warnings.length, 1);
});

test('PushLoop that is refused leaves nothing in the registry', async () => {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'metrics_client_push_dropped_series_total', help: 'Taken.', registers: [registry] });
  assert.throws(() => new PushLoop('spec', { registry }, 10, async () => undefined), /push_dropped_series_total/);
  assert.deepEqual(
    (await registry.gather()).map(({ name }) => name),
    ['metrics_client_push_dropped_series_total'],
  );
});

test('PushLoop pushes any gatherer, and without self-metrics where it cannot add any', async (t) => {
  const seen: number[] = [];
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pushes = new PushLoop('spec', { registry: { gather: () => Promise.resolve([]) } }, 10, async (families) => {
    seen.push(families.length);
  });
  await pushes.push();
  assert.deepEqual(seen, [0]);
});

test('PushLoop keeps no process alive, but close() does until the last push has ended', {
  skip: whyNotBuilt(),
}, async (t) => {
  const file = (path: string): string => JSON.stringify(pathToFileURL(join(packageRoot(), 'dist', path)).href);
  const program = `
    const { PushLoop } = await import(${file('lib/bridges/push-loop.js')});
    const { MetricsRegistry } = await import(${file('lib/core.js')});
    const send = () => new Promise((resolve) => setTimeout(resolve, 50).unref());
    const loop = new PushLoop('spec', { registry: new MetricsRegistry() }, 1000, async () => { await send(); console.log('sent'); });
    if (process.argv.includes('close')) loop.close();`;
  for (const [args, expected] of [
    [[], ''],
    [['close'], 'sent\n'],
  ] as const) {
    const started = new StartedProgram(t, {
      program: process.execPath,
      args: ['--input-type=module', '-e', program, '--', ...args],
    });
    assert.equal((await started.ended).code, 0, started.output);
    assert.equal(started.output, expected);
  }
});
