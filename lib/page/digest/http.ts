import type { History, SeriesHistory } from '../history/history.ts';
import type { Labels } from '../history/readings.ts';
import { type HistogramSeries, type Observations, WINDOW_SECONDS } from '../history/series.ts';
import { seriesNamed } from './fact.ts';
import { ObservationSum } from './observation-sum.ts';

/** Requests in the last minute. */
export interface Traffic {
  /** Requests per second; NaN before the second scrape. */
  readonly rate: number;
  /** Share of the requests that failed, 0 to 1; NaN without requests. */
  readonly errorShare: number;
  /** Estimates of the 50th, 95th and 99th percentile in seconds; NaN without requests. */
  readonly quantiles: readonly [p50: number, p95: number, p99: number];
}

/** Requests of one method for one route, or to one server. */
export interface Route extends Traffic {
  readonly method: string;
  /** The pattern of the route, or the server's address; empty if none matched. */
  readonly place: string;
  /** What the list is searched for to show these series; undefined if a search cannot tell them from others. */
  readonly query: string | undefined;
}

/** One side of HTTP: requests that the program answers, or that it makes. */
export interface HttpSide extends Traffic {
  readonly kind: 'server' | 'client';
  /** Requests in flight at each scrape; empty if nothing counts them. */
  readonly inFlight: readonly number[];
  /** Requests per second up to each scrape. */
  readonly rates: readonly number[];
  /** The busiest first. */
  readonly routes: readonly Route[];
}

// The names that instrumentHttp() has, both conventions; docs/http.md lists them. express-prom-bundle calls a route `path`.
const SIDES = [
  {
    kind: 'server',
    durations: ['http_server_request_duration_seconds', 'http_request_duration_seconds'],
    active: ['http_server_active_requests', 'http_requests_in_flight'],
    places: ['http_route', 'route', 'path'],
    errorStatus: /^5/,
  },
  {
    kind: 'client',
    durations: ['http_client_request_duration_seconds'],
    active: ['http_client_active_requests', 'http_client_requests_in_flight'],
    places: ['server_address', 'host'],
    // The client's own mistakes are errors to it; an empty status is a request without a response.
    errorStatus: /^(?:[45]|$)/,
  },
] as const;
const METHODS: readonly string[] = ['http_request_method', 'method'];
const STATUSES: readonly string[] = ['http_response_status_code', 'status_code'];

/** Returns the traffic of the last scrapes from the standard metrics of HTTP; sides without their metric are left out. */
export function httpSides(history: History): HttpSide[] {
  return SIDES.flatMap(({ kind, durations, active, places, errorStatus }) => {
    const series = durations.flatMap((name) => seriesNamed(history, name)).filter((one) => one.kind === 'histogram');
    if (series.length === 0) return [];
    const all = new TrafficSum();
    const sums = new Map<string, { route: Pick<Route, 'method' | 'place' | 'query'>; sum: TrafficSum }>();
    for (const one of series) {
      const observations = one.over(WINDOW_SECONDS);
      const isError = errorStatus.test(pairOf(one.labels, STATUSES)?.[1] ?? 'none');
      const method = pairOf(one.labels, METHODS)?.[1] ?? '';
      const place = pairOf(one.labels, places);
      const key = `${method} ${place?.[1] ?? ''}`;
      let route = sums.get(key);
      if (route === undefined) {
        const query = place === undefined || place[1] === '' ? undefined : `${one.name} ${place[0]}=${place[1]}`;
        sums.set(key, (route = { route: { method, place: place?.[1] ?? '', query }, sum: new TrafficSum() }));
      }
      route.sum.add(one, observations, isError);
      all.add(one, observations, isError);
    }
    const routes = [...sums.values()].map(({ route, sum }) => ({ ...route, ...sum.traffic() }));
    routes.sort((left, right) => (right.rate || 0) - (left.rate || 0));
    const inFlight = sumOf(active.flatMap((name) => seriesNamed(history, name)).map(valuesOf));
    const rates = new Array<number>(history.clock.count - history.clock.oldest).fill(NaN);
    for (const one of series) one.addRatesTo(rates);
    return [{ kind, ...all.traffic(), inFlight, rates, routes }];
  });
}

/** Adds up the requests of several series. */
class TrafficSum {
  readonly #observations = new ObservationSum();
  #errors = 0;

  add(series: HistogramSeries, observations: Observations, isError: boolean): void {
    this.#observations.add(series, observations);
    if (isError && observations.seconds > 0) this.#errors += observations.count;
  }

  traffic(): Traffic {
    const all = this.#observations;
    return {
      rate: all.rate,
      errorShare: this.#errors / all.count,
      quantiles: [all.quantile(0.5), all.quantile(0.95), all.quantile(0.99)],
    };
  }
}

function pairOf(labels: Labels, names: readonly string[]): Labels[number] | undefined {
  return labels.find(([name]) => names.includes(name));
}

function valuesOf(series: SeriesHistory): number[] {
  return series.kind === 'histogram' ? [] : series.values();
}

/** Adds lists element by element. An element that is NaN counts as missing: the sum is NaN only if all are. */
function sumOf(lists: readonly (readonly number[])[]): number[] {
  const sums: number[] = [];
  for (const list of lists) {
    for (const [i, value] of list.entries()) {
      const sum = sums[i] ?? NaN;
      sums[i] = Number.isNaN(sum) ? value : Number.isNaN(value) ? sum : sum + value;
    }
  }
  return sums;
}
