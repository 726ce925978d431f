import type { Family, MetricType } from '../../model/family.ts';
import { allocate } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { append, type Output, PAUSE, type Step } from '../output.ts';
import { HistogramWriter, SummaryWriter } from './distribution-writers.ts';
import { HeldMetrics } from './held-metrics.ts';
import type { MetricWriter } from './metric-writer.ts';
import { NativeHistogramWriter } from './native-writer.ts';
import { NumberWriter } from './number-writer.ts';
import { maxTextFieldBytes, varintBytes, writeIntegerField, writeTextField, writeVarint } from './wire.ts';

/**
 * Encodes families in Prometheus's protobuf format: each as a message `io.prometheus.client.MetricFamily` after its
 * length. Families without series are left out. `key` tells name schemes apart.
 *
 * May pause every 128 series. A series is always written in one step.
 *
 * @see https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
export function* encodeProtobuf(
  families: readonly Family[],
  out: Output,
  key: string,
  names: NameScheme,
): Generator<Step, void> {
  for (const family of families) {
    if (family.series.length === 0) continue;
    const { head, writer } = partsOf(family, key, names);
    const {
      series: { length },
      seriesPerStep,
    } = writer; // fixed when the family begins, though the array may grow
    const hasExemplars = family.hasExemplars === true && HAVE_EXEMPLARS.has(family.type);
    const held = hasExemplars || writer instanceof NativeHistogramWriter ? new HeldMetrics() : undefined;
    let messageBytes = head.length;
    for (let first = 0; first < length; first += seriesPerStep) {
      messageBytes += writer.measure(first, Math.min(first + seriesPerStep, length), held);
      yield PAUSE;
    }
    const headBytes = varintBytes(messageBytes) + head.length;
    if (!out.hasRoomFor(headBytes)) yield out.next(headBytes);
    out.length = writeVarint(out.bytes, out.length, messageBytes);
    append(out, head);
    for (let first = 0; first < length; first += seriesPerStep) {
      const written = writer.write(first, Math.min(first + seriesPerStep, length), held);
      const full = out.hasRoomFor(written.length) ? PAUSE : out.next(written.length);
      append(out, written);
      yield full;
    }
  }
  yield out.rest();
}

/** The cache of a family between scrapes. */
interface ProtobufCache {
  readonly head: Uint8Array;
  writer: MetricWriter;
}

function partsOf(family: Family, key: string, names: NameScheme): ProtobufCache {
  let cache = family.cache.get(key) as ProtobufCache | undefined;
  if (cache === undefined) {
    cache = { head: headOf(family, names), writer: writerOf(family, names) };
    family.cache.set(key, cache);
  } else if (cache.writer.series !== family.series || cache.writer.createdSeconds !== family.createdSeconds) {
    cache.writer = writerOf(family, names);
  }
  return { ...cache };
}

function writerOf(family: Family, names: NameScheme): MetricWriter {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return family.bucketOptions === undefined
        ? new HistogramWriter(family, names)
        : new NativeHistogramWriter(family, names);
    case 'summary':
      return new SummaryWriter(family, names);
    default:
      return new NumberWriter(family, names);
  }
}

function headOf({ name, help, type, unit }: Family, names: NameScheme): Uint8Array {
  const escaped = names.metric(name);
  const base = type === 'counter' ? escaped.replace(/_total$/, '') : escaped;
  const { bytes } = allocate(maxTextFieldBytes(escaped) + maxTextFieldBytes(help) + maxTextFieldBytes(unit) + 2);
  let at = writeTextField(bytes, 0, 1, escaped);
  at = writeTextField(bytes, at, 2, help);
  at = writeIntegerField(bytes, at, 3, TYPE_NUMBERS[type]);
  // Prometheus refuses the whole scrape if the name does not end with the unit, which escaping may have changed.
  if (unit !== '' && base.endsWith(`_${unit}`)) at = writeTextField(bytes, at, 5, unit);
  return bytes.slice(0, at);
}

/** The number of `MetricType`, by the type of the family. */
const TYPE_NUMBERS: Readonly<Record<MetricType, number>> = {
  counter: 0,
  gauge: 1,
  info: 1,
  stateset: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gaugehistogram: 5,
};

const HAVE_EXEMPLARS: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'gaugehistogram']);
