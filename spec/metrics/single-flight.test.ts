import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { singleFlight } from '../../lib/model/promises.ts';
import { turn } from '../support/turn.ts';

test('singleFlight() joins a call that is under way, and calls again after it', async () => {
  let calls = 0;
  const run = singleFlight(async () => {
    calls++;
    await turn();
  });
  const first = run();
  assert.equal(run(), first);
  await first;
  assert.equal(calls, 1);
  await run();
  assert.equal(calls, 2);
});

test('singleFlight() calls each time what is synchronous, and passes on what it throws', () => {
  let calls = 0;
  const run = singleFlight(() => {
    if (++calls === 2) throw new Error('second');
  });
  run();
  assert.throws(run, /second/);
  run();
  assert.equal(calls, 3);
});

test('singleFlight() calls again after a rejection', async () => {
  let calls = 0;
  const run = singleFlight(() => Promise.reject(new Error(`call ${++calls}`)));
  await assert.rejects(async () => run(), /call 1/);
  await assert.rejects(async () => run(), /call 2/);
});

test('singleFlight() calls again after a run that returned something else than a promise', () => {
  let calls = 0;
  const run = singleFlight((() => ++calls) as unknown as () => void);
  run();
  run();
  assert.equal(calls, 2);
});

test('a metric in two registries that are scraped at once is collected once, and right in both', async () => {
  const registries = [new MetricsRegistry(), new MetricsRegistry({ prefix: 'p_' })];
  let runs = 0;
  new Gauge({
    name: 'pool',
    help: 'P.',
    labelNames: ['kind'],
    registers: registries,
    async collect() {
      runs++;
      this.reset();
      for (const kind of ['a', 'b']) {
        await turn();
        this.inc({ kind });
      }
    },
  });
  const texts = await Promise.all([0, 1, 0, 1].map((i) => registries[i]!.metrics()));
  assert.equal(runs, 1);
  for (const text of texts) assert.match(text, /pool\{kind="a"\} 1\n(p_)?pool\{kind="b"\} 1\n$/);
});
