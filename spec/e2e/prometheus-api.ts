import assert from 'node:assert/strict';
import type { ParsedSample } from '../support/parsed-family.ts';

/** One series of an answer: its labels, `__name__` among them, and its samples. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in seconds and value: of an instant vector. */
  readonly value?: readonly [number, string];
  /** The same, of a range vector, which holds the samples as they were scraped. */
  readonly values?: readonly (readonly [number, string])[];
}

/** What Prometheus knows of a target. */
export interface Target {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

/** Reads back what a Prometheus has scraped, through its HTTP API. */
export class PrometheusApi {
  readonly #url: string;

  /** `url` is without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Evaluates a query to an instant vector, now or at `timeSeconds`; every sample has that time. */
  async query(query: string, timeSeconds?: number): Promise<readonly ParsedSample[]> {
    const series = await this.#series(query, timeSeconds);
    return series.map(({ metric, value }) => ({ ...seriesOf(metric), value: Number(value![1]) }));
  }

  /** The samples of a selector's series in the last five minutes, each with the time of its scrape in milliseconds. */
  async samples(selector: string): Promise<readonly Required<ParsedSample>[]> {
    const series = await this.#series(`${selector}[5m]`);
    return series.flatMap(({ metric, values = [] }) =>
      values.map(([seconds, text]) => {
        return { ...seriesOf(metric), value: Number(text), timestamp: Math.round(seconds * 1000) };
      }),
    );
  }

  /** The targets that it scrapes. */
  async targets(): Promise<readonly Target[]> {
    const { activeTargets } = await this.#get<{ activeTargets: readonly Target[] }>('/api/v1/targets?state=active');
    return activeTargets;
  }

  /** Its own version. */
  async version(): Promise<string> {
    return (await this.#get<{ version: string }>('/api/v1/status/buildinfo')).version;
  }

  async #series(query: string, timeSeconds?: number): Promise<readonly Series[]> {
    const time = timeSeconds === undefined ? '' : `&time=${timeSeconds}`;
    const path = `/api/v1/query?query=${encodeURIComponent(query)}${time}`;
    return (await this.#get<{ result: readonly Series[] }>(path)).result;
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(10_000) });
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    assert.equal(status, 'success', `${path}: ${error}`);
    return data;
  }
}

/** Name and labels as the exposition had them: without those that Prometheus adds for the target. */
function seriesOf(metric: Series['metric']): Pick<ParsedSample, 'name' | 'labels'> {
  const { __name__: name = '', job, instance, ...labels } = metric;
  return { name, labels: new Map(Object.entries(labels)) };
}
