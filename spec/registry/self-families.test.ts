import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, MetricsRegistry } from '../../lib/core.ts';

test('MetricsRegistry speaks of itself last, with its constant labels, a label of its own winning', async () => {
  const registry = new MetricsRegistry({ prefix: 'p_', constantLabels: { metric: 'm', collector: 'c', zone: 'eu' } });
  const counter = new Counter({ name: 'x_total', help: 'X.', labelNames: ['a'], maxSeries: 1, registers: [registry] });
  counter.inc({ a: 1 });
  counter.inc({ a: 2 });
  registry.registerCollector({
    name: 'disk "C"\n',
    collect: () => {
      throw new Error('no');
    },
  });
  assert.equal(
    await registry.metrics(),
    `# HELP p_x_total X.
# TYPE p_x_total counter
p_x_total{a="1",metric="m",collector="c",zone="eu"} 1
p_x_total{a="overflow",metric="m",collector="c",zone="eu"} 1

# HELP metrics_client_overflowed_updates_total Updates that went to the overflow series of a metric, because it had reached its maxSeries.
# TYPE metrics_client_overflowed_updates_total counter
metrics_client_overflowed_updates_total{metric="p_x_total",collector="c",zone="eu"} 1

# HELP metrics_client_collector_failures_total Runs of a collector that failed or took too long, so that its metrics were missing from the scrape.
# TYPE metrics_client_collector_failures_total counter
metrics_client_collector_failures_total{collector="disk \\"C\\"\\n",metric="m",zone="eu"} 1
`,
  );
  assert.deepEqual(
    (await registry.gather()).map(({ unit }) => unit),
    ['', '', ''],
  );
});

test('MetricsRegistry exposes collectors whose names UTF-8 cannot carry as different series', async () => {
  const registry = new MetricsRegistry();
  for (const name of ['disk \ud800', 'disk \ud801']) {
    registry.registerCollector({
      name,
      collect: () => {
        throw new Error('no');
      },
    });
  }
  const text = await registry.metrics();
  assert.deepEqual(text.match(/\{.*/g), ['{collector="disk \ufffdd800"} 1', '{collector="disk \ufffdd801"} 1']);
});
