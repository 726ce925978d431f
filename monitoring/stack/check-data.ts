import { PrometheusApi } from '../../spec/e2e/prometheus-api.ts';
import { until } from '../../spec/support/until.ts';
import type { DashboardQuery } from './dashboard-queries.ts';

/** How many queries have data, and which have none. */
export interface DataReport {
  readonly all: number;
  readonly withData: number;
  /** The problems found, one per entry. */
  readonly missing: readonly string[];
}

/** Waits until every query has data, none of it NaN, or the time is over; then tells which have none. */
export async function checkQueries(
  url: string,
  queries: readonly DashboardQuery[],
  timeoutSeconds: number,
): Promise<DataReport> {
  const api = new PrometheusApi(url);
  const checks = queries.map(({ place, expr }) => ({ place, fault: () => queryFault(api, expr) }));
  return checkAll(checks, timeoutSeconds);
}

/** Waits until every rule has been evaluated and every recorded series has data; tells which have none in time. */
export async function checkRules(url: string, timeoutSeconds: number): Promise<DataReport> {
  const api = new PrometheusApi(url);
  const rules = await api.rules();
  const names = [...new Set(rules.map(({ name }) => name))];
  const checks = names.map((name) => ({
    place: name,
    fault: async () => {
      const same = (await api.rules()).filter((rule) => rule.name === name);
      const bad = same.find(({ health }) => health !== 'ok');
      if (bad !== undefined) return bad.lastError ?? bad.health;
      return same[0]?.type === 'recording' ? queryFault(api, name) : undefined;
    },
  }));
  return checkAll(checks, timeoutSeconds);
}

interface Check {
  readonly place: string;
  /** The problem; undefined if there is none. */
  readonly fault: () => Promise<string | undefined>;
}

async function checkAll(checks: readonly Check[], timeoutSeconds: number): Promise<DataReport> {
  let left = checks;
  let missing: string[] = [];
  const passes = async (): Promise<true | undefined> => {
    const failing: Check[] = [];
    missing = [];
    for (const check of left) {
      const fault = await check.fault();
      if (fault === undefined) continue;
      failing.push(check);
      missing.push(`${check.place}: ${fault}`);
    }
    left = failing;
    return left.length === 0 ? true : undefined;
  };
  // A timeout is a valid result here: the report lists what was missing.
  await until('data', passes, { timeoutSeconds, pauseMilliseconds: 500 }).catch((error: unknown) => {
    if (left.length === 0) throw error;
  });
  return { all: checks.length, withData: checks.length - left.length, missing };
}

async function queryFault(api: PrometheusApi, expr: string): Promise<string | undefined> {
  try {
    const samples = await api.query(expr);
    if (samples.length === 0) return `no data: ${expr}`;
    return samples.some(({ value }) => Number.isNaN(value)) ? `NaN: ${expr}` : undefined;
  } catch (error) {
    return `${(error as Error).message}: ${expr}`;
  }
}
