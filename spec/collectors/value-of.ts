import { isDeepStrictEqual } from 'node:util';
import type { Group, Naming } from '../../lib/collectors/group.ts';
import type { Metric } from '../../lib/model/metric.ts';

/** Without prefix and labels. */
export const PLAIN: Naming = { prefix: '', labels: {} };

/** Collects a metric of a group; returns the value of the series with exactly these labels, `undefined` if there is none. */
export async function valueOf(
  group: Group,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  await undefined; // metrics that are collected in one step share a reading
  const metric = group.metrics.find((one) => one.name === name);
  if (metric === undefined) return undefined;
  await metric.collect?.();
  const found = metric.series.find(({ labelValues }) => isDeepStrictEqual(labelsOf(metric, labelValues), labels));
  return found !== undefined && 'value' in found ? found.value : undefined;
}

function labelsOf({ labelNames }: Metric, labelValues: readonly string[]): Record<string, string> {
  return Object.fromEntries(labelNames.map((name, i) => [name, labelValues[i]!]));
}
