import type { LabelObject, Library } from './library.ts';

/** The label sets of an application: each its own names, each written as a literal at the call. */
const LABEL_SETS: readonly ((value: string) => LabelObject)[] = [
  (venue) => ({ venue }),
  (side) => ({ venue: 'xetra', side }),
  (endpoint) => ({ endpoint, status: '200' }),
  (reason) => ({ strategy: 'swing', direction: 'long', reason }),
];

/**
 * Uses every kind of metric, with none to three labels, each by every call, and scrapes.
 *
 * A process that has only ever used one kind shows figures that no application sees: the engine then specialises the
 * library's inner functions for that one kind. Each case runs this first.
 */
export async function actAsApplication(library: Library): Promise<void> {
  const registry = new library.Registry();
  const render = library.scraperOf(registry);
  updateWithoutLabels(library, registry);
  for (const labelsOf of LABEL_SETS) {
    updateWithLabels(library, registry, labelsOf);
    await render();
  }
}

function updateWithoutLabels(library: Library, registry: object): void {
  const options = { help: 'Used by the application.', registers: [registry] };
  const counter = new library.Counter({ ...options, name: 'application_orders_total' });
  const gauge = new library.Gauge({ ...options, name: 'application_positions' });
  const histogram = new library.Histogram({ ...options, name: 'application_latency_seconds' });
  for (let i = 0; i < 20_000; i++) {
    counter.inc();
    gauge.set(i / 3);
    histogram.observe(i / 1_000);
  }
}

function updateWithLabels(library: Library, registry: object, labelsOf: (value: string) => LabelObject): void {
  const labelNames = Object.keys(labelsOf(''));
  const options = { help: 'Used by the application.', labelNames, registers: [registry] };
  const counter = new library.Counter({ ...options, name: `application_${labelNames.join('_')}_total` });
  const gauge = new library.Gauge({ ...options, name: `application_${labelNames.join('_')}` });
  const histogram = new library.Histogram({ ...options, name: `application_${labelNames.join('_')}_seconds` });
  for (let i = 0; i < 20_000; i++) {
    const labels = labelsOf(`value ${i & 7}`);
    const values = Object.values(labels);
    counter.inc(labels);
    gauge.set(labels, i / 3);
    histogram.observe(labels, i / 1_000);
    counter.labels(...values).inc(2);
    gauge.labels(...values).set(i);
    histogram.labels(...values).observe(i);
  }
}
