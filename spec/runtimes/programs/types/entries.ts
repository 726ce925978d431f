// Uses each entry, by value and by type. It is compiled as an ES module and as CommonJS, and run then.

import * as everything from '@finpilot/metrics';
import client, { Counter, type CounterOptions, Histogram, register, Summary } from '@finpilot/metrics';
import aggregate, { ClusterAggregator, type MetricsReporter } from '@finpilot/metrics/aggregate';
import core, { Gauge, type LabelValues, type MetricsRegistry } from '@finpilot/metrics/core';
import finpilot, { createFinpilotMetrics, type FinpilotMetrics } from '@finpilot/metrics/finpilot';
import http, { type HttpMetrics, instrumentHttp } from '@finpilot/metrics/http';
import parsing, { type ParsedFamily, parse } from '@finpilot/metrics/parse';
import pushing, { Pushgateway, type PushgatewayOptions } from '@finpilot/metrics/push';
import service, { describeService, openTelemetryExemplars } from '@finpilot/metrics/service';
import summary, { Summary as SummaryOfEntry } from '@finpilot/metrics/summary';
import testing, { type LintProblem, lint, sampleValue } from '@finpilot/metrics/testing';

const options: CounterOptions<'side'> = { name: 'orders_total', help: 'Orders.', labelNames: ['side'] };
const orders: client.Counter<'side'> = new Counter(options);
orders.inc({ side: 'buy' });
// @ts-expect-error No label of this name.
const wrong: LabelValues<'side'> = { price: 1 };
const seconds = new Histogram({
  name: 'order_seconds',
  help: 'Time.',
  labelNames: ['side'] as const,
  registers: [register],
});
seconds.observe({ side: 'buy' }, 0.2);

// Objects of one entry are accepted by the others.
const registry: MetricsRegistry = new everything.MetricsRegistry();
const gauge: everything.Gauge = new Gauge({ name: 'open', help: 'Open.', registers: [registry] });
gauge.set(2);
const items: SummaryOfEntry = new Summary({ name: 'items', help: 'Items.', registers: [register, registry] });
items.observe(1);
const metrics: FinpilotMetrics = createFinpilotMetrics(registry);
metrics.activeConnections.set(1);
const aggregator = new ClusterAggregator({ registry });
const report = (reporter: MetricsReporter): Promise<void> => reporter.report();
const observed: HttpMetrics = instrumentHttp(new everything.MetricsRegistry({ exemplars: openTelemetryExemplars() }));
observed.stop();
const gateway: PushgatewayOptions = { timeout: 1000 };
const pushes: everything.Pushgateway = new Pushgateway('http://127.0.0.1:9091', gateway, registry);

const isSame = [
  client.Counter === Counter,
  core.Gauge === Gauge,
  aggregate.ClusterAggregator === ClusterAggregator,
  finpilot.createFinpilotMetrics === createFinpilotMetrics,
  http.instrumentHttp === instrumentHttp,
  parsing.parse === parse,
  pushing.Pushgateway === Pushgateway,
  service.describeService === describeService,
  summary.Summary === SummaryOfEntry,
  testing.lint === lint,
  new everything.Summary({ name: 'same_seconds', help: 'Same.', registers: [] }) instanceof SummaryOfEntry,
  registry instanceof client.MetricsRegistry,
  pushes instanceof client.Pushgateway,
];

async function main(): Promise<void> {
  const families: readonly ParsedFamily[] = parse(await register.metrics());
  const problems: readonly LintProblem[] = await lint(register);
  const value: number | undefined = await sampleValue(register, 'orders_total', { side: 'buy' });
  console.log(
    JSON.stringify({ isSame: isSame.every(Boolean), families: families.length, problems: problems.length, value }),
  );
  aggregator.close();
  void report;
  void wrong;
}

void main();
