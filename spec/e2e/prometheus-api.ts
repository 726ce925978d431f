import assert from 'node:assert/strict';
import { parseFloatText } from '../support/parse-float-text.ts';
import type { ParsedSample } from '../support/parsed-family.ts';

/** One series of an answer: its labels, `__name__` among them, and its samples. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in seconds and value: of an instant vector. */
  readonly value?: readonly [number, string];
  /** The same, of a range vector, which holds the samples as they were scraped. */
  readonly values?: readonly (readonly [number, string])[];
  /** Instead of a value: time in seconds, and a native histogram. */
  readonly histogram?: readonly [number, StoredHistogram];
}

/** A native histogram; a bucket is how its bounds are meant, its bounds and its count. */
export interface StoredHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [boundaries: number, lower: string, upper: string, count: string])[];
}

/** An exemplar, and the series on which it was found. */
export interface StoredExemplar {
  readonly series: Pick<ParsedSample, 'name' | 'labels'>;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestampSeconds: number;
}

/** What Prometheus knows of a metric family besides its samples. */
export interface Metadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** What Prometheus knows of a target. */
export interface Target {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

/** A rule, as Prometheus has read it. */
export interface Rule {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** Reads back what a Prometheus has scraped, through its HTTP API. */
export class PrometheusApi {
  readonly #url: string;

  /** `url` is without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Evaluates a query to an instant vector, now or at `timeSeconds`; every sample has that time. The value of a native
   * histogram is its count.
   */
  async query(query: string, timeSeconds?: number): Promise<readonly ParsedSample[]> {
    const series = await this.#series(query, timeSeconds);
    return series.map(({ metric, value, histogram }) => {
      return { ...seriesOf(metric), value: valueOf(value?.[1] ?? histogram![1].count) };
    });
  }

  /** Evaluates a query to native histograms. */
  async histograms(query: string): Promise<readonly StoredHistogram[]> {
    const series = await this.#series(query);
    return series.flatMap(({ histogram }) => (histogram === undefined ? [] : [histogram[1]]));
  }

  /** The samples of a selector's series in the last five minutes, each with the time of its scrape in milliseconds. */
  async samples(selector: string): Promise<readonly Required<ParsedSample>[]> {
    const series = await this.#series(`${selector}[5m]`);
    return series.flatMap(({ metric, values = [] }) =>
      values.map(([seconds, text]) => {
        return { ...seriesOf(metric), value: valueOf(text), timestamp: Math.round(seconds * 1000) };
      }),
    );
  }

  /** The exemplars of a selector's series in the last five minutes. */
  async exemplars(selector: string): Promise<readonly StoredExemplar[]> {
    const now = Date.now() / 1000;
    type Answer = readonly {
      readonly seriesLabels: Series['metric'];
      readonly exemplars: readonly {
        readonly labels: Series['metric'];
        readonly value: string;
        readonly timestamp: number;
      }[];
    }[];
    const path = `/api/v1/query_exemplars?query=${encodeURIComponent(selector)}&start=${now - 300}&end=${now}`;
    return (await this.#get<Answer>(path)).flatMap(({ seriesLabels, exemplars }) =>
      exemplars.map(({ labels, value, timestamp }) => {
        return { series: seriesOf(seriesLabels), labels, value: valueOf(value), timestampSeconds: timestamp };
      }),
    );
  }

  /** What it knows of the families of a job. */
  async metadata(job: string): Promise<readonly Metadata[]> {
    const found = await this.#get<readonly Metadata[]>(`/api/v1/targets/metadata?match_target={job="${job}"}`);
    return found.map(({ metric, type, help, unit }) => ({ metric, type, help, unit }));
  }

  /** What it knows of all families, however they came. */
  async allMetadata(): Promise<Readonly<Record<string, readonly Omit<Metadata, 'metric'>[]>>> {
    return this.#get('/api/v1/metadata');
  }

  /** The targets that it scrapes. */
  async targets(): Promise<readonly Target[]> {
    const { activeTargets } = await this.#get<{ activeTargets: readonly Target[] }>('/api/v1/targets?state=active');
    return activeTargets;
  }

  /** The rules that it evaluates. */
  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#get<{ groups: readonly { rules: readonly Rule[] }[] }>('/api/v1/rules');
    return groups.flatMap(({ rules }) => rules);
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

function valueOf(text: string): number {
  return parseFloatText(text) ?? assert.fail(`expected a number, got ${text}`);
}

/** Name and labels as the exposition had them: without those that Prometheus adds for the target. */
function seriesOf(metric: Series['metric']): Pick<ParsedSample, 'name' | 'labels'> {
  const { __name__: name = '', job, instance, ...labels } = metric;
  return { name, labels: new Map(Object.entries(labels)) };
}
