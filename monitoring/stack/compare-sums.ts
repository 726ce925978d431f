import { PrometheusApi } from '../../spec/e2e/prometheus-api.ts';
import { parseExposition } from '../../spec/support/parse-exposition.ts';
import { until } from '../../spec/support/until.ts';
import type { Stack } from './start-stack.ts';

/** A sum over all scanners, as each of those who know it has it. */
export interface SumReport {
  readonly what: string;
  /** What the processes themselves said, added up, before the others were asked. */
  readonly before: number;
  /** The sum over the shards. */
  readonly shards: number;
  /** What the long-term store has of the same moment. */
  readonly store: number;
  /** What the Prometheus above the shards has recorded; undefined where it has no such series. */
  readonly global: number | undefined;
  /** What the processes said afterwards. */
  readonly after: number;
}

/** Of a sum, what the others know. */
type FoundSum = Omit<SumReport, 'before' | 'after'>;

/** A counter to be added up, and the recorded series that holds the sum. */
interface Sum {
  readonly name: string;
  readonly recorded?: string;
}

/** The last one stands still once the calendar has 20 days behind it, since until then windows are too short. */
const SUMS: readonly Sum[] = [
  { name: 'finpilot_scans_total', recorded: 'job:finpilot_scans:sum' },
  { name: 'finpilot_symbols_scanned_total' },
  { name: 'finpilot_api_latency_seconds_count' },
  { name: 'finpilot_failed_scans_total' },
];
const QUIET = 'finpilot_failed_scans_total';

/** What was scraped so many intervals ago has arrived in the long-term store too. */
const SETTLED_INTERVALS = 3;

/**
 * Compares sums of counters: what all processes say, what is in the shards, in the long-term store, and in the
 * Prometheus above. Counters move while they are read, so a sum has to lie between two that the processes said. It is
 * done again until the one that soon stands still has done so meanwhile: then its sums are equal, or wrong.
 */
export async function compareSums(
  stack: Stack,
  intervalSeconds: number,
  timeoutSeconds: number,
): Promise<readonly SumReport[]> {
  const find = (sum: Sum, least: number): Promise<FoundSum> => {
    return until(`${sum.name} of all scanners`, () => findSum(stack, sum, least, intervalSeconds), { timeoutSeconds });
  };
  return until(
    'a moment without a scan that fails',
    async () => {
      const before = await sumsOfScanners(stack);
      const found = await Promise.all(SUMS.map((sum) => find(sum, before.get(sum.name)!)));
      const after = await sumsOfScanners(stack);
      if (before.get(QUIET) !== after.get(QUIET)) return undefined;
      return found.map((sum) => ({ ...sum, before: before.get(sum.what)!, after: after.get(sum.what)! }));
    },
    { timeoutSeconds },
  );
}

/** Whether every sum lies between those that the processes said, and the store has what the shards have. */
export function areSumsGood(sums: readonly SumReport[]): boolean {
  return sums.every(({ before, shards, store, global = before, after }) => {
    return store === shards && [shards, global].every((sum) => sum >= before && sum <= after);
  });
}

/** The sums; undefined until everybody has at least what the processes said. */
async function findSum(
  { shards, store, global }: Stack,
  { name, recorded }: Sum,
  least: number,
  intervalSeconds: number,
): Promise<FoundSum | undefined> {
  const time = Math.floor(Date.now() / 1000) - SETTLED_INTERVALS * intervalSeconds;
  const ofShards = await Promise.all(shards.map(({ url }) => ask(url, `sum(${name})`, time)));
  const sum = {
    what: name,
    shards: ofShards.reduce((total, value) => total + value, 0),
    store: await ask(store!.url, `sum(${name})`, time),
    global: recorded === undefined ? undefined : await ask(global.url, `sum(${recorded})`, time),
  };
  const isThere = sum.shards >= least && sum.store === sum.shards && (sum.global ?? least) >= least;
  return isThere ? sum : undefined;
}

async function ask(url: string, expr: string, time: number): Promise<number> {
  const [sample] = await new PrometheusApi(url).query(expr, time);
  return sample?.value ?? NaN;
}

async function sumsOfScanners({ scanners }: Stack): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const { url } of scanners) {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    for (const { samples } of parseExposition(await response.text())) {
      for (const { name, value } of samples) sums.set(name, (sums.get(name) ?? 0) + value);
    }
  }
  return sums;
}
