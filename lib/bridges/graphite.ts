import type { Family } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { samplesOf } from '../model/samples.ts';
import { ADDRESS_OPTIONS, checkBridgeOptions, PUSH_OPTIONS } from './check-options.ts';
import { type LineAddress, readAddress } from './line-socket.ts';
import { type MetricsPush, PushLoop, type PushOptions } from './push-loop.ts';
import { type SentLine, sendLines } from './send-lines.ts';
import { SentValues } from './sent-values.ts';
import { type Label, labelsOf, legalName, placeOf } from './tagged-name.ts';

export type { LineAddress } from './line-socket.ts';
export type { MetricsPush, PushOptions } from './push-loop.ts';

/** Options for {@link startGraphitePush}. */
export interface GraphitePushOptions extends PushOptions, LineAddress {
  /** The port; 2003 unless given. */
  readonly port?: number;
  /** `tcp`, unless given, or `udp`. */
  readonly protocol?: 'udp' | 'tcp';
  /** How labels are sent: `graphite`, the default, as tags (`name;key=value`), or `name` for Graphite before 1.1: `name.key.value`. */
  readonly tags?: 'graphite' | 'name';
  /** Stands before every name, such as `shop.`. */
  readonly prefix?: string;
}

const OPTIONS = [
  ...PUSH_OPTIONS,
  ...ADDRESS_OPTIONS,
  'tags',
  'prefix',
] as const satisfies readonly (keyof GraphitePushOptions)[];

/** carbon ends the connection when a line is longer, and whatever follows it is lost. */
const MAX_LINE_BYTES = 16 * 1024;

/** The bytes that are handed to the system at once. */
const PACKET_BYTES = { tcp: 16 * 1024, unix: 16 * 1024, udp: 1432 };

/**
 * Pushes a registry to Graphite, or to what reads its plaintext protocol: carbon, VictoriaMetrics, InfluxDB. Sends all samples
 * of the text format with their values, 60 seconds apart unless told otherwise; counters are totals, for `perSecond()`.
 *
 * Throws a TypeError or RangeError if an option is invalid.
 *
 * @example
 * ```ts
 * const push = startGraphitePush({ host: 'localhost', prefix: 'shop.', intervalSeconds: Infinity });
 * await push.push().catch((error: Error) => console.log(error.message));
 * ```
 *
 * @see https://graphite.readthedocs.io/en/latest/tags.html
 */
export function startGraphitePush(options: GraphitePushOptions = {}): MetricsPush {
  checkBridgeOptions('push metrics to Graphite', options, OPTIONS);
  const { tags = 'graphite', prefix = '' } = options;
  const check = (isGood: boolean, expected: string, got: unknown): void => {
    if (!isGood) refuse('push metrics to Graphite', expected, got, RangeError);
  };
  check(tags === 'graphite' || tags === 'name', 'tags "graphite" or "name"', tags);
  check(/^[\w.-]*$/.test(prefix), 'prefix of letters, digits, "_", "-" and "."', prefix);
  const address = readAddress('Graphite', options, { port: 2003, protocol: 'tcp' });
  const sent = new SentValues(); // totals are sent as they are
  return new PushLoop('graphite', options, 60, (families, signal, context) => {
    const lines = graphiteLines(families, prefix, tags, Math.floor(Date.now() / 1000));
    const maxPacketBytes = PACKET_BYTES[address.protocol];
    const options = { address, maxPacketBytes, maxLineBytes: MAX_LINE_BYTES, signal, sent, context, families };
    return sendLines(lines, options);
  });
}

/** Generates a line for each sample whose value Graphite can hold. */
function* graphiteLines(
  families: readonly Family[],
  prefix: string,
  tags: 'graphite' | 'name',
  timeSeconds: number,
): Generator<SentLine> {
  for (const family of families) {
    const name = prefix + legalName(family.name);
    for (const { suffix, series, le, quantile, value } of samplesOf(family)) {
      if (!Number.isFinite(value)) continue;
      const labels: Label[] = [...labelsOf(family, series)];
      if (le !== undefined) labels.push(['le', le === Infinity ? '+Inf' : String(le)]);
      if (quantile !== undefined) labels.push(['quantile', String(quantile)]);
      yield { text: `${placeOf(name + suffix, labels, tags).head} ${value} ${timeSeconds}` };
    }
  }
}

/** The same names as the named exports. */
export default { startGraphitePush };
