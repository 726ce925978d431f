import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, PrometheusExporter, Registry } from '../../lib/main.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { readTextExposition } from '../support/read-text-exposition.ts';

// Functions that a scrape calls may change what it reads.

const TEXT = 'text/plain; version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** A registry with a counter, a histogram, and what a scrape calls: `act` runs in one of its functions. */
function registryWith(place: string, act: (registry: Registry) => void) {
  const registry = new Registry();
  const registers = [registry];
  const common = { help: 'H.', registers };
  new Counter({ ...common, name: 'jobs_total', labelNames: ['n'] }).inc({ n: '1' });
  new Histogram({ ...common, name: 'size', labelNames: ['n'], buckets: [1] }).observe({ n: '1' }, 0.5);
  const run = (): number => {
    act(registry);
    return 7;
  };
  const later = async (): Promise<number> => {
    await Promise.resolve();
    return run();
  };
  new Gauge({ ...common, name: 'value', ...(place === 'value' ? { value: run } : {}) });
  new Gauge({ ...common, name: 'later', ...(place === 'later' ? { value: later } : {}) });
  new Gauge({ ...common, name: 'called', ...(place === 'collect' ? { collect: () => void run() } : {}) });
  const series = (value: number) => [{ name: 'collected', help: 'H.', type: 'gauge' as const, series: [{ value }] }];
  if (place === 'collector') registry.registerCollector({ name: 'c', collect: () => series(run()) });
  if (place === 'generator') {
    registry.registerCollector({
      name: 'g',
      *collect() {
        yield* series(run());
      },
    });
  }
  return registry;
}

let created = 0;
const counterOf = (registry: Registry): Counter<'n'> | undefined =>
  registry.getSingleMetric('jobs_total') as Counter<'n'> | undefined;

const ACTIONS: Readonly<Record<string, (registry: Registry) => void>> = {
  'updates a metric': (registry) => counterOf(registry)?.inc({ n: '1' }),
  'adds a series': (registry) => counterOf(registry)?.inc({ n: String(created++) }),
  'removes a series': (registry) => counterOf(registry)?.remove({ n: '1' }),
  'clears a metric': (registry) => counterOf(registry)?.clear(),
  'removes a metric': (registry) => registry.removeSingleMetric('size'),
  'removes all': (registry) => registry.clear(),
  'resets all': (registry) => registry.resetMetrics(),
  'creates a metric': (registry) =>
    new Counter({ name: `created_${created++}_total`, help: 'H.', registers: [registry] }).inc(),
  'creates a metric of a name that is taken': (registry) =>
    new Counter({ name: 'jobs_total', help: 'H.', registers: [registry] }),
  'adds a collector': (registry) => registry.registerCollector({ name: `c${created++}`, collect: () => [] }),
  'changes the labels of all': (registry) => registry.setDefaultLabels({ n: 'x', zone: String(created++) }),
  scrapes: (registry) => void registry.metrics(),
  'asks for JSON': (registry) => void registry.getMetricsAsJSON(),
};

for (const place of ['value', 'later', 'collect', 'collector', 'generator']) {
  test(`A ${place} function that a scrape calls may change the registry, whatever it does there`, async (t) => {
    await collectWarnings(t);
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    t.after(() => process.off('unhandledRejection', note));
    for (const [what, act] of Object.entries(ACTIONS)) {
      let isActing = true;
      let calls = 0;
      const registry = registryWith(place, (one) => {
        calls++;
        if (isActing && calls < 100) act(one);
      });
      const exporter = new PrometheusExporter(registry);
      const scrapes = [TEXT, OPENMETRICS, PROTOBUF].map((accept) => exporter.render(accept));
      const [text, openMetrics, protobuf] = await Promise.all(scrapes);
      readTextExposition(new TextDecoder().decode(text), false);
      readTextExposition(new TextDecoder().decode(openMetrics), true);
      decodeProtobuf(protobuf!);
      assert.ok(calls >= 1 && calls < 100, `${what}: ${calls} calls`);
      isActing = false;
      await exporter.render(TEXT);
      counterOf(registry)?.inc({ n: '1' }, 100);
      const after = new TextDecoder().decode(await exporter.render(TEXT));
      if (counterOf(registry) !== undefined) assert.match(after, /^jobs_total\{.*n="1".*\} 10\d$/m, what);
    }
    assert.deepEqual(unhandled, []);
  });
}
