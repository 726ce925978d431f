import { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../../lib/core.ts';

new Counter(); // expects: TS2554
new Counter({}); // expects: TS2769
new Counter({ name: 'x' }); // expects: TS2769
new Counter({ help: 'X.' }); // expects: TS2769
new Counter({ name: 5, help: 'X.' }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', labelNames: 'a' }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', labelNames: [5] }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', labels: ['a'] }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', registers: new MetricsRegistry() }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', registers: ['x'] }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', ifExists: 'replace' }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', maxSeries: '5' }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', buckets: [1] }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', value: () => 1 }); // expects: TS2769
new Counter({ name: 'x', help: 'X.', collect: 5 }); // expects: TS2769
new Gauge({ name: 'x', help: 'X.', buckets: [1] }); // expects: TS2769
new Histogram({ name: 'x', help: 'X.', value: () => 1 }); // expects: TS2769
new Counter<'a'>({ name: 'x', help: 'X.', labelNames: ['b'] }); // expects: TS2322

new MetricsRegistry({ prefix: 5 }); // expects: TS2322
new MetricsRegistry({ constantLabels: { a: null } }); // expects: TS2322
new MetricsRegistry({ constantLabels: ['a'] }); // expects: TS2322
new MetricsRegistry({ timeout: 5 }); // expects: TS2353
new MetricsRegistry().setDefaultLabels({ a: {} }); // expects: TS2322
new MetricsRegistry().register({}); // expects: TS2740
new MetricsRegistry().registerCollector({ collect: () => [] }); // expects: TS2741
new MetricsRegistry().registerCollector({ name: 'x', collect: () => [{ name: 'y' }] }); // expects: TS2322
new MetricsRegistry().registerCollector({ name: 'x', collect: () => [{ name: 'y', help: 'Y.', type: 'Gauge', series: [] }] }); // expects: TS2322
new MetricsRegistry().registerCollector({ name: 'x', collect: () => 5 }); // expects: TS2322
MetricsRegistry.merge(new MetricsRegistry()); // expects: TS2740

new PrometheusExporter(); // expects: TS2554
new PrometheusExporter(5); // expects: TS2345
new PrometheusExporter(new MetricsRegistry(), { chunkBytes: '5' }); // expects: TS2322
