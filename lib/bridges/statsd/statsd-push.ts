import { refuse } from '../../model/names.ts';
import { ADDRESS_OPTIONS, checkBridgeOptions, PUSH_OPTIONS } from '../check-options.ts';
import { type LineAddress, readAddress } from '../line-socket.ts';
import { type MetricsPush, PushLoop, type PushOptions } from '../push-loop.ts';
import { sendLines } from '../send-lines.ts';
import { SentValues } from '../sent-values.ts';
import type { Tags } from '../tagged-name.ts';
import { statsdLines } from './statsd-lines.ts';

/** Options for {@link startStatsdPush}. */
export interface StatsdPushOptions extends PushOptions, LineAddress {
  /** The port; 8125 unless given. */
  readonly port?: number;
  /** `udp`, unless given, or `tcp`. */
  readonly protocol?: 'udp' | 'tcp';
  /**
   * How labels are sent: `dogstatsd`, the default (`|#key:value`); `influxdb`, `librato` or `graphite` for tags behind the
   * name; or `name` for receivers without tags: `name.key.value`.
   */
  readonly tags?: Tags;
  /** Stands before every name, such as `shop.`. */
  readonly prefix?: string;
  /** The quantiles of each histogram that are sent as gauges, of what came since the last push; 0.5, 0.9 and 0.99 unless given. */
  readonly quantiles?: readonly number[];
  /** The most bytes of a datagram; 1,432 unless given, which an Ethernet frame carries. A longer line is sent alone. */
  readonly maxPacketBytes?: number;
}

/**
 * Pushes a registry to a StatsD server, 10 seconds apart unless told otherwise: changes of counters, values of gauges, and of
 * each histogram and summary the changes of count and sum and, as gauges, quantiles.
 *
 * Throws a TypeError or RangeError if an option is invalid.
 *
 * @example
 * ```ts
 * const push = startStatsdPush({ host: 'localhost', tags: 'dogstatsd' });
 * await push.close(); // pushes a last time
 * ```
 */
export function startStatsdPush(options: StatsdPushOptions = {}): MetricsPush {
  checkBridgeOptions('push metrics to StatsD', options, OPTIONS);
  const { tags = 'dogstatsd', prefix = '', quantiles = [0.5, 0.9, 0.99], maxPacketBytes = 1432 } = options;
  const check = (isGood: boolean, expected: string, got: unknown): void => {
    if (!isGood) refuse('push metrics to StatsD', expected, got, RangeError);
  };
  check(TAGS.includes(tags), `tags as one of ${TAGS.join(', ')}`, tags);
  check(/^[\w.-]*$/.test(prefix), 'prefix of letters, digits, "_", "-" and "."', prefix);
  check(Number.isInteger(maxPacketBytes) && maxPacketBytes > 0, 'maxPacketBytes as a positive integer', maxPacketBytes);
  const areQuantiles =
    Array.isArray(quantiles) && quantiles.every((one) => typeof one === 'number' && one >= 0 && one <= 1);
  check(areQuantiles, 'quantiles as an array of numbers from 0 to 1', quantiles);
  const address = readAddress('StatsD', options, { port: 8125, protocol: 'udp' });
  const most = address.protocol === 'udp' ? MAX_DATAGRAM_BYTES : Infinity;
  check(maxPacketBytes <= most, `maxPacketBytes of ${most} at most, as UDP has it`, maxPacketBytes);
  const sent = new SentValues();
  return new PushLoop('statsd', options, 10, (families, signal, context) => {
    const lines = statsdLines(families, { prefix, tags, quantiles }, sent);
    return sendLines(lines, { address, maxPacketBytes, signal, sent, context, families });
  });
}

/** What IPv4 leaves of 65,535 bytes for the content of a datagram. */
const MAX_DATAGRAM_BYTES = 65_507;

const TAGS: readonly unknown[] = ['name', 'dogstatsd', 'influxdb', 'librato', 'graphite'] satisfies readonly Tags[];

const OPTIONS = [
  ...PUSH_OPTIONS,
  ...ADDRESS_OPTIONS,
  'tags',
  'prefix',
  'quantiles',
  'maxPacketBytes',
] as const satisfies readonly (keyof StatsdPushOptions)[];
