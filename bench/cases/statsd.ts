import { MappingRules } from '../../lib/bridges/statsd/mapping-rules.ts';
import { StatsdReceiver } from '../../lib/bridges/statsd/receiver.ts';
import { MetricsRegistry } from '../../lib/core.ts';
import type { Case } from '../case.ts';

const NAME = 'a received StatsD line';
const PACKETS = 400;
const LINES = 25;
const ROUNDS = 15;
const REPEATS = 25;

/** Nanoseconds to take a line of a datagram, of 10,000 that come in random order. The floor decodes and splits datagrams. */
export const statsdCases: readonly Case[] = [
  {
    figures: [{ name: NAME, unit: 'ns', target: {}, isGuarded: true }],
    isForPeers: false,
    run: async () => {
      const registry = new MetricsRegistry();
      const rules = new MappingRules([], true);
      const receiver = new StatsdReceiver(
        { registry, rules, buckets: undefined, quantiles: undefined, maxSeries: 100_000, idleSeconds: Infinity },
        'relative',
      );
      const { packets, hits } = packetsOf(randomNumbers());
      const rounds: number[] = [];
      const floorRounds: number[] = [];
      let length = 0;
      for (let round = -2; round < ROUNDS; round++) {
        const floor = nanosecondsPerLine(packets, (packet) => {
          for (const line of packet.toString().split('\n')) length += line.length;
        });
        const taken = nanosecondsPerLine(packets, (packet) => receiver.receive(packet.toString(), 'udp'));
        if (round < 0) continue; // warm-up
        floorRounds.push(floor);
        rounds.push(taken);
      }
      const text = await registry.metrics();
      const counted = [...text.matchAll(/^app_requests_\d+_total\S* (\d+)$/gm)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
      if (counted !== hits * REPEATS * (ROUNDS + 2) || length === 0)
        throw new RangeError(
          `Cannot trust "${NAME}": expected ${hits * REPEATS * (ROUNDS + 2)} counted, got ${counted}.`,
        );
      return { [NAME]: { rounds, floorRounds } };
    },
  },
];

function nanosecondsPerLine(packets: readonly Buffer[], use: (packet: Buffer) => void): number {
  const start = performance.now();
  for (let repeat = 0; repeat < REPEATS; repeat++) for (const packet of packets) use(packet);
  return ((performance.now() - start) * 1e6) / (REPEATS * PACKETS * LINES);
}

/** Datagrams of counters, timers and gauges, with tags as DogStatsD's clients send them, and what the counters add up to. */
function packetsOf(random: (below: number) => number): { packets: Buffer[]; hits: number } {
  let hits = 0;
  const line = (): string => {
    const n = random(200);
    switch (random(3)) {
      case 0: {
        const amount = random(100);
        hits += amount;
        return `app.requests.${n}:${amount}|c|#route:r${n % 20},env:prod`;
      }
      case 1:
        return `app.latency.${n}:${random(1000)}|ms|#route:r${n % 20}`;
      default:
        return `app.depth.${n}:${random(1000) / 8}|g`;
    }
  };
  const packets = Array.from({ length: PACKETS }, () => Buffer.from(Array.from({ length: LINES }, line).join('\n')));
  return { packets, hits };
}

/** The same numbers in each run. */
function randomNumbers(): (below: number) => number {
  let state = 7;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
}
