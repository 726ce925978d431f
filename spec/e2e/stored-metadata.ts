import { Gauge, type MetricsRegistry } from '../../lib/core.ts';
import { everyKind } from '../bridges/every-kind.ts';
import { until } from '../support/until.ts';
import type { PrometheusApi } from './prometheus-api.ts';

/** A registry with one metric of each kind, one of them with a unit. */
export function everyKindWithUnit(): MetricsRegistry {
  const { registry } = everyKind();
  new Gauge({ name: 'size_of_all_bytes', help: 'Size of all.', unit: 'bytes', registers: [registry] }).set(1);
  return registry;
}

/** Waits until a server knows so many families; returns each as `NAME TYPE HELP UNIT`, sorted, without our self-metrics. */
export async function storedMetadata(api: PrometheusApi, atLeast: number): Promise<readonly string[]> {
  const metadata = await until('all families', async () => {
    const found = await api.allMetadata();
    return Object.keys(found).length >= atLeast ? found : undefined;
  });
  return Object.entries(metadata)
    .filter(([name]) => !name.startsWith('metrics_client'))
    .map(([name, [about]]) => `${name} ${about!.type} ${about!.help} ${about!.unit ?? ''}`.trim())
    .sort();
}
