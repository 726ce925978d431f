// Compiled without @types/node and without the types of browsers.

import { Counter, Histogram, type MetricsRegistry, PrometheusExporter, register } from '@finpilot/metrics/core';
import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';
import { parse } from '@finpilot/metrics/parse';
import { Summary } from '@finpilot/metrics/summary';
import { lint } from '@finpilot/metrics/testing';

export const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['side'] });
export const held = counter.labels({ side: 'buy' });
export const finpilot = createFinpilotMetrics();
export const summary = new Summary({ name: 'c', help: 'C.' });
export const histogram = new Histogram({ name: 'b_seconds', help: 'B.' });

export async function scrape(registry: MetricsRegistry = register): Promise<number> {
  held.inc();
  for await (const chunk of new PrometheusExporter(registry).chunks()) if (chunk.length === 0) return 0;
  await lint(registry);
  return parse(await registry.metrics()).length;
}
