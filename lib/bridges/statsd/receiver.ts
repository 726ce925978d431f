import { Counter } from '../../metrics/counter.ts';
import type { MetricsRegistry } from '../../registry/metrics-registry.ts';
import { createTogether } from '../self-metrics.ts';
import { type DropReason, decimal, type LineHead, parseHead, plainDecimal } from './line-head.ts';
import { copied, type LiveTarget, ReceivedMetrics, type ReceivedOptions, type Target } from './received-metrics.ts';

/** Where lines come from. */
export type Transport = 'udp' | 'tcp' | 'unix';

/** The most characters of a line: DogStatsD's clients fill packets of 8 KB on Unix sockets. */
export const MAX_LINE_LENGTH = 8192;

/** The most characters of a line without its value. */
const MAX_HEAD_LENGTH = 1024;

/**
 * What the targets that are kept may take, and what one takes besides its text. Enough for 130,000 heads of 60 characters:
 * looking a target up again takes ten times as long as finding it. When it is reached, all are dropped.
 */
const MAX_TARGET_BYTES = 40e6;
const TARGET_BYTES = 250;

/** One line adds no more observations: values in it times the weight of its sample rate. */
const MAX_OBSERVATIONS = 10_000;

/** How signed values of gauges are read. */
export type SignedGauges = 'relative' | 'absolute';

/**
 * Updates metrics by StatsD lines. Whatever the lines are, it does not throw, and holds a bounded number of series.
 *
 * What a line updates depends on everything but its value, and most lines have come before: so their targets are found by
 * two look-ups, of the name and of the part behind the value, without parsing either.
 */
export class StatsdReceiver {
  readonly #metrics: ReceivedMetrics;
  readonly #targets = new Map<string, Map<string, Target>>();
  #targetBytes = 0;
  readonly #isRelative: boolean;
  readonly #lines: { inc(): void };
  readonly #dropped: Counter<'reason'>;
  readonly #packets: Counter<'transport'>;
  readonly #connections: Counter<'transport'>;
  #now = performance.now();

  constructor(options: ReceivedOptions, signedGauges: SignedGauges) {
    this.#metrics = new ReceivedMetrics(options, () => this.#forgetTargets());
    this.#isRelative = signedGauges === 'relative';
    const { registry } = options;
    const counters = createTogether(registry, Object.values(SELF), () => ({
      lines: selfCounter(registry, SELF.lines, 'Lines received, events and malformed ones included.'),
      dropped: selfCounter(registry, SELF.dropped, 'Lines that were not counted, by reason.', 'reason'),
      packets: selfCounter(registry, SELF.packets, 'UDP datagrams, and reads of a stream.', 'transport'),
      connections: selfCounter(registry, SELF.connections, 'Connections accepted.', 'transport'),
    }));
    this.#lines = counters.lines.labels();
    this.#dropped = counters.dropped;
    this.#packets = counters.packets;
    this.#connections = counters.connections;
  }

  /** Counts a connection. */
  connected(transport: Transport): void {
    this.#connections.inc({ transport });
  }

  /** Takes a packet of whole lines. */
  receive(packet: string, transport: Transport): void {
    this.#packets.inc({ transport });
    this.#now = performance.now();
    for (let start = 0; start < packet.length; ) {
      const newline = packet.indexOf('\n', start);
      const next = newline === -1 ? packet.length : newline + 1;
      let end = newline === -1 ? next : newline;
      if (packet.charCodeAt(end - 1) === 13) end--; // \r
      // Before anything is looked for in it: a search that runs on into further lines would take quadratic time.
      if (end > start) this.#take(packet.slice(start, end));
      start = next;
    }
  }

  /** Counts a line that was dropped. */
  drop(reason: DropReason): void {
    this.#dropped.inc({ reason });
  }

  /** Exposes the sets, and removes what is idle; to be called now and then. */
  flush(): void {
    this.#metrics.flush();
  }

  #take(line: string): void {
    this.#lines.inc();
    if (line.length > MAX_LINE_LENGTH) return this.drop('too_long');
    const colon = line.indexOf(':');
    const bar = line.indexOf('|', colon + 1);
    if (colon < 1 || bar === -1) return this.drop(whyNoMetric(line));
    const known = this.#targets.get(line.slice(0, colon))?.get(line.slice(bar));
    if (known === undefined) return this.#takeNew(line, colon, bar);
    this.#updateByText(known, line, colon + 1, bar);
  }

  /** Takes a line whose head has not come before, or not for long. */
  #takeNew(line: string, colon: number, bar: number): void {
    if (OTHER_LINES.test(line)) return this.drop(whyNoMetric(line));
    if (colon + line.length - bar > MAX_HEAD_LENGTH) return this.drop('too_long');
    const name = copied(line.slice(0, colon));
    const suffix = copied(line.slice(bar));
    // StatsD's own form of several samples: `name:1|c:5|c|@0.1:320|ms`.
    const next = FURTHER_SAMPLE.exec(suffix)?.[0].length;
    if (next !== undefined) {
      this.#take(line.slice(0, bar + next));
      this.#take(name + line.slice(bar + next));
      return;
    }
    const head = parseHead(name, suffix);
    if (typeof head === 'string') return this.drop(head);
    const refusal = refusalOf(line.slice(colon + 1, bar), head);
    if (refusal !== undefined) return this.drop(refusal);
    const { target, hasRoom } = this.#metrics.targetOf(head);
    // A timestamp differs from line to line.
    if (hasRoom && !suffix.includes('|T')) this.#keepTarget(name, suffix, target);
    this.#updateByText(target, line, colon + 1, bar);
  }

  #updateByText(target: Target, line: string, start: number, end: number): void {
    if (target.kind === 'none') return this.drop(target.reason);
    target.metric.usedAt = this.#now;
    const value = target.kind === 'set' ? NaN : plainDecimal(line, start, end);
    const reason = Number.isNaN(value) ? this.#updateByParts(target, line.slice(start, end)) : update(target, value);
    if (reason !== undefined) this.drop(reason);
  }

  /** Updates by a value that is no plain number: of a set, signed, or several with colons between them. */
  #updateByParts(target: LiveTarget, text: string): DropReason | undefined {
    const parts = text.split(':');
    if (target.kind === 'observer' && parts.length * target.weight > MAX_OBSERVATIONS) return 'too_many_values';
    let reason: DropReason | undefined;
    for (const part of parts) reason = this.#updateByPart(target, part) ?? reason;
    return reason;
  }

  #updateByPart(target: LiveTarget, part: string): DropReason | undefined {
    if (part === '') return 'no_value';
    if (target.kind === 'set') return this.#metrics.addMember(target.set, part) ? undefined : 'too_many_values';
    const value = decimal(part);
    if (Number.isNaN(value)) return 'value';
    if (target.kind !== 'gauge' || !this.#isRelative || !/^[+-]/.test(part)) return update(target, value);
    if (!Number.isFinite(target.child.value + value)) return 'value';
    target.child.inc(value);
    return undefined;
  }

  #keepTarget(name: string, suffix: string, target: Target): void {
    if (this.#targetBytes >= MAX_TARGET_BYTES) this.#forgetTargets();
    this.#targetBytes += TARGET_BYTES + name.length + suffix.length;
    const bySuffix = this.#targets.get(name);
    if (bySuffix === undefined) this.#targets.set(name, new Map([[suffix, target]]));
    else bySuffix.set(suffix, target);
  }

  #forgetTargets(): void {
    this.#targets.clear();
    this.#targetBytes = 0;
  }
}

/** Updates a series that is not a set by one number. Refuses what would make it infinite: no later line could undo that. */
function update(target: LiveTarget, value: number): DropReason | undefined {
  switch (target.kind) {
    case 'counter': {
      const amount = value * target.weight;
      if (!(amount >= 0 && target.child.value + amount < Infinity)) return value < 0 ? 'negative_counter' : 'value';
      target.child.inc(amount);
      return undefined;
    }
    case 'gauge':
      target.child.set(value);
      return undefined;
    case 'observer': {
      const observed = value / target.divisor;
      let count = target.weight;
      if (!Number.isFinite(target.child.sum + observed * (count + 1))) return 'value';
      if (count !== 1) {
        const due = count + target.rest;
        count = Math.floor(due);
        target.rest = due - count;
      }
      for (let i = 0; i < count; i++) target.child.observe(observed);
      return undefined;
    }
    case 'set':
      return undefined;
  }
}

/** Returns why none of the values of a line can be counted, if so: it must not leave an empty series behind. */
function refusalOf(text: string, { type, weight }: LineHead): DropReason | undefined {
  let reason: DropReason | undefined;
  for (const part of text.split(':')) {
    const value = decimal(part);
    const amount = type === 'counter' ? value * weight : value;
    if (part === '') reason = 'no_value';
    else if (type === 'set') return undefined;
    else if (type === 'counter' && value < 0) reason = 'negative_counter';
    else if (Number.isFinite(amount)) return undefined;
    else reason = 'value';
  }
  return reason;
}

/** DogStatsD's events and service checks. */
const OTHER_LINES = /^_(?:e\{|sc\|)/;

/** The first sample of several, up to the colon behind it. */
const FURTHER_SAMPLE = /^\|\w+(?:\|@[\d.]+)?(?=:)/;

function whyNoMetric(line: string): DropReason {
  if (OTHER_LINES.test(line)) return line.startsWith('_e') ? 'event' : 'service_check';
  if (line.startsWith(':')) return 'no_name';
  return line.includes(':') ? 'type' : 'no_value';
}

/** The names of the counters of a server. */
const SELF = {
  lines: 'metrics_client_statsd_lines_total',
  dropped: 'metrics_client_statsd_dropped_lines_total',
  packets: 'metrics_client_statsd_packets_total',
  connections: 'metrics_client_statsd_connections_total',
} as const;

function selfCounter<const L extends string = never>(
  registry: MetricsRegistry,
  name: string,
  help: string,
  ...labelNames: readonly L[]
): Counter<L> {
  const options = { name, help, labelNames, registers: [registry] };
  return new Counter({ ...options, ifExists: 'reuse' }) as Counter<L>;
}
