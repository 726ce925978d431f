import type { Family } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import type { Output } from '../output/output.ts';
import { HistogramMetrics, SummaryMetrics } from './distribution-metrics.ts';
import { ExemplarMetrics } from './exemplar-metrics.ts';
import { TYPE_NUMBERS } from './fields.ts';
import { type ProtobufMetrics, SERIES_PER_STEP } from './metrics.ts';
import { NumberMetrics } from './number-metrics.ts';
import { integerField, textField, varintBytes, writeVarint } from './wire.ts';

/**
 * Encodes families in Prometheus's protobuf format: a message `io.prometheus.client.MetricFamily` for each, behind its
 * length. Families without series are left out. What is kept of a family is kept under `key`.
 *
 * The length comes first, so each family is gone through twice: once to measure it, once to write it. Its series are as
 * long as before even if they have counted on meanwhile, which is what the fixed widths of the fields are for.
 *
 * Yields each chunk of the output as it is complete, and in between, every 128 series, an empty one: occasions to give
 * the event loop back. No series is ever read half before and half after a change.
 *
 * @see https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
export function* encodeProtobuf(families: readonly Family[], out: Output, key: string, names: NameScheme): Generator<Uint8Array, void> {
  for (const family of families) {
    if (family.series.length === 0) continue;
    const { head, metrics } = familyParts(family, key, names);
    const { length } = metrics.series; // fixed when the family begins, though the array may grow
    const steps = Math.ceil(length / SERIES_PER_STEP);
    const countOf = (step: number): number => Math.min(SERIES_PER_STEP, length - step * SERIES_PER_STEP);
    let messageBytes = head.length;
    for (let step = 0; step < steps; step++) {
      messageBytes += metrics.stepBytes(step, countOf(step));
      yield NOTHING;
    }
    const headBytes = varintBytes(messageBytes) + head.length;
    if (!out.hasRoomFor(headBytes)) yield out.next(headBytes);
    out.length = writeVarint(out.bytes, out.length, messageBytes);
    out.bytes.set(head, out.length);
    out.length += head.length;
    for (let step = 0; step < steps; step++) {
      const count = countOf(step);
      const stepBytes = metrics.stepBytes(step, count);
      yield out.hasRoomFor(stepBytes) ? NOTHING : out.next(stepBytes);
      metrics.writeStep(step, count, out.bytes, out.length);
      out.length += stepBytes;
    }
  }
  const rest = out.rest();
  if (rest.length > 0) yield rest;
}

/** What is kept of a family between scrapes. */
interface Kept {
  readonly head: Uint8Array;
  readonly createdSeconds: number | undefined;
  readonly metrics: ProtobufMetrics;
}

function familyParts(family: Family, key: string, names: NameScheme): { readonly head: Uint8Array; readonly metrics: ProtobufMetrics } {
  const kept = family.memo.get(key) as Kept | undefined;
  const head = kept?.head ?? headOf(family, names);
  if (family.hasExemplars === true && family.type !== 'summary') return { head, metrics: new ExemplarMetrics(family, names) };
  const { createdSeconds } = family;
  if (kept !== undefined && kept.metrics.series === family.series && kept.createdSeconds === createdSeconds) return kept;
  const made = { head, createdSeconds, metrics: metricsOf(family, names) };
  family.memo.set(key, made);
  return made;
}

function metricsOf(family: Family, names: NameScheme): ProtobufMetrics {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return new HistogramMetrics(family, names);
    case 'summary':
      return new SummaryMetrics(family, names);
    default:
      return new NumberMetrics(family, names);
  }
}

function headOf({ name, help, type, unit }: Family, names: NameScheme): Uint8Array {
  const escaped = names.metric(name);
  const base = type === 'counter' ? escaped.replace(/_total$/, '') : escaped;
  // Prometheus refuses the whole scrape if the name does not end with the unit, which escaping may have changed.
  const units = unit !== '' && base.endsWith(`_${unit}`) ? [textField(5, unit)] : [];
  const fields = [textField(1, escaped), textField(2, help), integerField(3, TYPE_NUMBERS[type]), ...units];
  return Uint8Array.from(fields.flatMap((field) => [...field]));
}

const NOTHING = new Uint8Array(0);
