import type { Family, Gatherer } from '../model/family.ts';

const TEXT = 'text/plain;version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** What to push, and the `Accept` header that asks an exporter for its format. */
interface PushedFamilies {
  readonly accept: string;
  readonly families: readonly Family[];
}

/**
 * Returns what to push of a registry's families. `format` is the option; unless given, the registry's content type decides,
 * as in prom-client: set to OpenMetrics, it is pushed in it.
 *
 * A Pushgateway reads that by its rules for the text format. It takes counters for untyped, and refuses the whole push for one
 * exemplar, or one type that only OpenMetrics has. Then the push is in the text format, with the same series names.
 */
export function familiesToPush(
  families: readonly Family[],
  registry: Gatherer,
  format: 'text' | 'protobuf' | undefined,
): PushedFamilies {
  if (format !== undefined) return { accept: format === 'protobuf' ? PROTOBUF : TEXT, families };
  const isOpenMetrics = (registry as { readonly contentType?: string }).contentType?.startsWith(OPENMETRICS_TYPE);
  if (isOpenMetrics !== true) return { accept: TEXT, families };
  if (families.every(isReadable)) return { accept: OPENMETRICS, families };
  const names = new Set(families.map(({ name }) => name));
  return { accept: TEXT, families: families.map((family) => withTotal(family, names)) };
}

const OPENMETRICS_TYPE = 'application/openmetrics-text';

/** Whether a gateway reads the lines that OpenMetrics has for a family. */
function isReadable({ type, hasExemplars }: Family): boolean {
  return hasExemplars !== true && ['counter', 'gauge', 'histogram', 'summary'].includes(type);
}

/** Returns a counter with the name that its series have in OpenMetrics, unless another family has it. */
function withTotal(family: Family, names: ReadonlySet<string>): Family {
  const name = `${family.name}_total`;
  if (family.type !== 'counter' || family.name.endsWith('_total') || names.has(name)) return family;
  // Copied by name: a registry's families have getters, which a spread would lose.
  const { type, help, unit, labelNames, constantLabels, series } = family;
  return { name, type, help, unit, labelNames, constantLabels, series, cache: new Map() };
}
