'use strict';

// The recipe of docs/tracing.md with Sentry itself: a slow order is an event, and its id the exemplar of its bucket. Prints the
// exposition and the events that Sentry would have sent, as JSON.

const Sentry = require('@sentry/node');
const { Histogram, MetricsRegistry, PrometheusExporter } = require('@finpilot/metrics');
const { sentryExemplars } = require('@finpilot/metrics/service');

const sent = [];
const transport = () => ({
  send: async ([, items]) => {
    for (const [{ type }, event] of items) if (type === 'event') sent.push(event);
    return {};
  },
  flush: async () => true,
});
Sentry.init({ dsn: 'https://key@sentry.invalid/1', tracesSampleRate: 1, transport });

const registry = new MetricsRegistry({ exemplars: sentryExemplars(Sentry) });
const about = { name: 'order_seconds', help: 'Time per order.', buckets: [0.1, 1, 10], registers: [registry] };
const seconds = new Histogram(about).labels();

function orderDone(order, duration) {
  const event_id = duration > 1 ? Sentry.captureMessage(`Slow order ${order}`) : undefined;
  seconds.observe(duration, event_id === undefined ? undefined : { event_id });
}

async function main() {
  Sentry.startSpan({ name: 'fast' }, () => orderDone('a', 0.05));
  Sentry.startSpan({ name: 'slow' }, () => orderDone('b', 4.2));
  await Sentry.flush(2000);
  const accept = 'application/openmetrics-text; version=1.0.0';
  const text = Buffer.from(await new PrometheusExporter(registry).render(accept)).toString();
  console.log(JSON.stringify({ text, sent }));
}

void main();
