import { prometheusMetrics } from '@libp2p/prometheus-metrics';
import { register } from 'prom-client';

const log = Object.assign(() => {}, { error() {}, trace() {}, newScope: () => log });
const metrics = prometheusMetrics()({ logger: { forComponent: () => log } });

// What a connection and a stream have that it watches.
const stream = (protocol) => Object.assign(new EventTarget(), { protocol, send: () => true });
const [connection, kad] = [stream(), stream('/ipfs/kad/1.0.0')];
metrics.trackMultiaddrConnection(connection);
metrics.trackProtocolStream(kad);
connection.send(new Uint8Array(7));
kad.send(new Uint8Array(5));
kad.dispatchEvent(Object.assign(new Event('message'), { data: new Uint8Array(3) }));

metrics.registerMetric('shop_peers').update(4);
metrics.registerMetric('shop_calculated', { help: 'Calculated.', calculate: async () => 12 });
metrics.registerMetricGroup('shop_by_kind', { label: 'kind' }).update({ dial: 3, listen: 1 });
metrics.registerCounter('shop_errors_total', { help: 'Errors.' }).increment(2);
metrics.registerCounterGroup('shop_dials_total', { label: 'result' }).increment({ ok: 5, failed: true });
metrics.registerHistogram('shop_sizes', { buckets: [1, 10] }).observe(3);
metrics.registerHistogramGroup('shop_times', { label: 'step', buckets: [1, 10] }).observe({ dial: 0.5 });
metrics.registerSummary('shop_rtt', { percentiles: [0.5, 0.9] }).observe(3);
metrics.registerSummaryGroup('shop_rtts', { label: 'peer' }).observe({ a: 2 });
const timer = metrics.registerHistogram('shop_lookup_seconds').timer();
timer();
await register.metrics();
process.stdout.write(JSON.stringify({ text: await register.metrics() }), () => process.exit());
