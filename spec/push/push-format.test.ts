import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Info, Pushgateway, type PushgatewayOptions, Registry } from '../../lib/index.ts';
import { parse } from '../../lib/parse/index.ts';
import { fakeGateway } from './fake-gateway.ts';

// A real Pushgateway takes the same in spec/e2e/pushgateway.test.ts.

/** A registry that is set to OpenMetrics, with counters with and without the suffix. */
function openMetricsRegistry(): Registry {
  const registry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const registers = [registry];
  new Counter({ name: 'jobs', help: 'Jobs.', registers }).inc(3);
  new Counter({ name: 'runs_total', help: 'Runs.', registers }).inc();
  new Gauge({ name: 'depth', help: 'Depth.', registers }).set(2);
  return registry;
}

async function pushed(registry: Registry, url: string, options: PushgatewayOptions = {}): Promise<void> {
  await new Pushgateway(url, options, registry).push({ jobName: 'x' });
}

test('Pushgateway pushes a registry that is set to OpenMetrics in it, as prom-client does', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const registry = openMetricsRegistry();
  await pushed(registry, url);
  assert.equal(seen[0]!.body.toString(), await registry.metrics());
  assert.match(seen[0]!.headers['content-type']!, /^application\/openmetrics-text; version=1\.0\.0;/);
  registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
  await pushed(registry, url);
  assert.match(seen[1]!.body.toString(), /^jobs 3$/m);
});

test('Pushgateway pushes what a gateway would refuse in the text format, with the names that OpenMetrics has', async (t) => {
  const { url, seen } = await fakeGateway(t);
  for (const add of [
    (registers: Registry[]) => new Counter({ name: 'x', help: 'X.', registers }).labels().inc(1, { trace_id: 't' }),
    (registers: Registry[]) =>
      new Histogram({ name: 'x', help: 'X.', registers }).labels().observe(1, { trace_id: 't' }),
    (registers: Registry[]) => new Info({ name: 'x_info', help: 'X.', labelNames: ['a'], registers }),
  ]) {
    const registry = openMetricsRegistry();
    add([registry]);
    await pushed(registry, url);
    const { headers, body } = seen.pop()!;
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const samples = parse(body.toString()).flatMap(({ type, samples }) =>
      samples.map(({ name, value }) => `${type} ${name} ${value}`),
    );
    assert.deepEqual(samples.slice(0, 3), ['counter jobs_total 3', 'counter runs_total 1', 'gauge depth 2']);
  }
});

test('Pushgateway gives no counter the name of another metric', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const registry = openMetricsRegistry();
  new Gauge({ name: 'jobs_total', help: 'J.', registers: [registry] }).set(7);
  new Info({ name: 'x_info', help: 'X.', labelNames: ['a'], registers: [registry] }).set({ a: 'x' });
  await pushed(registry, url);
  const names = parse(seen[0]!.body.toString()).map(({ name, type }) => `${type} ${name}`);
  assert.deepEqual(names, ['counter jobs', 'counter runs_total', 'gauge depth', 'gauge jobs_total', 'gauge x_info']);
});

test('Pushgateway pushes text from any registry with format: "text"', async (t) => {
  const { url, seen } = await fakeGateway(t);
  await pushed(openMetricsRegistry(), url, { format: 'text' });
  assert.match(seen[0]!.body.toString(), /^# TYPE jobs counter\njobs 3$/m);
});
