import { Counter } from '../metrics/counter.ts';
import { Gauge } from '../metrics/gauge.ts';
import { Histogram } from '../metrics/histogram.ts';
import type { Ratio } from '../model/family.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';

/** The instruments of FinPilot. Each property is named after its metric, without `finpilot_` and in camel case. */
export interface Catalogue {
  /** `finpilot_scans_total{strategy="momentum"} 142`: scans that ended, completed or failed. */
  readonly scansTotal: Counter<'strategy'>;
  /** `finpilot_signals_generated_total{strategy="momentum",direction="long"} 12` */
  readonly signalsGeneratedTotal: Counter<'strategy' | 'direction'>;
  /** `finpilot_symbols_scanned_total{strategy="momentum"} 852` */
  readonly symbolsScannedTotal: Counter<'strategy'>;
  /** `finpilot_symbols_matched_total{strategy="momentum"} 31` */
  readonly symbolsMatchedTotal: Counter<'strategy'>;
  /** `finpilot_match_rate{strategy="momentum"} 0.25`: of the last completed scan, 0 to 1. */
  readonly matchRate: Gauge<'strategy'>;

  /** `finpilot_scan_duration_seconds_bucket{strategy="momentum",le="0.1"} 15` …: completed scans only. */
  readonly scanDurationSeconds: Histogram<'strategy'>;
  /** `finpilot_scan_duration_p50_seconds 0.21`: of all strategies since the start; absent before the first. */
  readonly scanDurationP50Seconds: Gauge<never>;
  /** `finpilot_scan_duration_p95_seconds 0.44`: of all strategies since the start; absent before the first. */
  readonly scanDurationP95Seconds: Gauge<never>;
  /** `finpilot_scan_duration_p99_seconds 0.49`: of all strategies since the start; absent before the first. */
  readonly scanDurationP99Seconds: Gauge<never>;
  /** `finpilot_api_latency_seconds_bucket{endpoint="/bars/:symbol",method="GET",status="200",le="0.005"} 7` … */
  readonly apiLatencySeconds: Histogram<'endpoint' | 'method' | 'status'>;

  /** `finpilot_active_connections 3`: the application counts them up and down. */
  readonly activeConnections: Gauge<never>;
  /** `finpilot_memory_usage_bytes 81461248`: read from the process at each scrape. */
  readonly memoryUsageBytes: Gauge<never>;

  /** `finpilot_failed_scans_total{strategy="swing",reason="rate_limited"} 2` */
  readonly failedScansTotal: Counter<'strategy' | 'reason'>;
  /** `finpilot_error_rate 0.05`: failed share of the last five minutes' scans, 0 to 1; 0 if there were none. */
  readonly errorRate: Gauge<never>;

  /** `finpilot_training_progress_ratio{model="direction"} 0.75`: 0 to 1. */
  readonly trainingProgressRatio: Gauge<'model'>;
  /** `finpilot_training_episodes_total{model="direction"} 180` */
  readonly trainingEpisodesTotal: Counter<'model'>;
  /** `finpilot_inference_duration_seconds_bucket{model="direction",le="0.001"} 852` … */
  readonly inferenceDurationSeconds: Histogram<'model'>;

  /** `finpilot_auth_attempts_total{method="bearer",outcome="failure"} 4` */
  readonly authAttemptsTotal: Counter<'method' | 'outcome'>;
  /** `finpilot_rate_limit_requests_total{endpoint="/bars/:symbol",outcome="limited"} 6` */
  readonly rateLimitRequestsTotal: Counter<'endpoint' | 'outcome'>;

  /** `finpilot_health_status{check="scanner"} 1`: 1 healthy, 0 not; see `watchHealth()`. */
  readonly healthStatus: Gauge<'check'>;
  /** `finpilot_build_info{version="1.4.0",revision="3f2c1ab",node_version="v24.1.0"} 1` */
  readonly buildInfo: Gauge<'version' | 'revision' | 'node_version'>;
}

/** Where the gauges that are read at scrape time get their values. */
interface CatalogueSources {
  /** Failed scans and all scans of the window. */
  readonly readErrorRate: () => Ratio;
  readonly reportHealth: (gauge: Gauge<'check'>) => Promise<void>;
  /** The registry that the metrics join later: its limit of series, and where they have their numbers. */
  readonly registry: Pick<MetricsRegistry, 'maxSeries' | 'storage'>;
}

/** From a scan of cached bars to one that walks a slow API. 0.1, 0.5 and 1 are the bounds of the decision record. */
const SCAN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From a call on loopback, below a millisecond, to the timeouts of remote ones. */
const API_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a linear model, some microseconds, to a deep network on a CPU. */
const INFERENCE_SECONDS = [
  0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];

/** Creates the instruments. They belong to no registry yet. */
export function createCatalogue({ readErrorRate, reportHealth, registry }: CatalogueSources): Catalogue {
  const { maxSeries, storage } = registry;
  /** For ratios, which no storage holds, and for what is read at a scrape only. */
  const reported = { registers: [], ...(maxSeries === undefined ? {} : { maxSeries }) };
  const unjoined = { ...reported, ...(storage === undefined ? {} : { storage }) };
  const scanDurationSeconds = new Histogram({
    ...unjoined,
    name: 'finpilot_scan_duration_seconds',
    help: 'Duration of completed market scans in seconds.',
    labelNames: ['strategy'],
    buckets: SCAN_SECONDS,
  });
  const scanDurationQuantile = (name: string, q: number): Gauge<never> =>
    new EstimateGauge({
      ...reported,
      name,
      aggregator: 'max', // of the workers, the slowest: quantiles cannot be merged
      help: `Estimated ${q} quantile of the duration of completed market scans in seconds, over all strategies.`,
      value: () => scanDurationSeconds.quantile(q),
    });

  return {
    scansTotal: new Counter({
      ...unjoined,
      name: 'finpilot_scans_total',
      help: 'Total number of market scans executed, failed ones included.',
      labelNames: ['strategy'],
    }),
    signalsGeneratedTotal: new Counter({
      ...unjoined,
      name: 'finpilot_signals_generated_total',
      help: 'Total number of trading signals generated.',
      labelNames: ['strategy', 'direction'],
    }),
    symbolsScannedTotal: new Counter({
      ...unjoined,
      name: 'finpilot_symbols_scanned_total',
      help: 'Total number of symbols looked at by completed scans.',
      labelNames: ['strategy'],
    }),
    symbolsMatchedTotal: new Counter({
      ...unjoined,
      name: 'finpilot_symbols_matched_total',
      help: 'Total number of symbols that met the criteria of their strategy.',
      labelNames: ['strategy'],
    }),
    matchRate: new Gauge({
      ...reported,
      name: 'finpilot_match_rate',
      aggregator: 'ratio',
      help: 'Share of the symbols of the last completed scan that matched, 0 to 1.',
      labelNames: ['strategy'],
    }),

    scanDurationSeconds,
    scanDurationP50Seconds: scanDurationQuantile('finpilot_scan_duration_p50_seconds', 0.5),
    scanDurationP95Seconds: scanDurationQuantile('finpilot_scan_duration_p95_seconds', 0.95),
    scanDurationP99Seconds: scanDurationQuantile('finpilot_scan_duration_p99_seconds', 0.99),
    apiLatencySeconds: new Histogram({
      ...unjoined,
      name: 'finpilot_api_latency_seconds',
      help: 'Time to answer an API request in seconds.',
      labelNames: ['endpoint', 'method', 'status'],
      buckets: API_SECONDS,
    }),

    activeConnections: new Gauge({
      ...unjoined,
      name: 'finpilot_active_connections',
      help: 'Number of connections open to the API.',
    }),
    memoryUsageBytes: new Gauge({
      ...reported,
      name: 'finpilot_memory_usage_bytes',
      help: 'Resident memory of the process in bytes.',
      value: () => process.memoryUsage.rss(),
    }),

    failedScansTotal: new Counter({
      ...unjoined,
      name: 'finpilot_failed_scans_total',
      help: 'Total number of market scans that failed, by reason.',
      labelNames: ['strategy', 'reason'],
    }),
    errorRate: new Gauge({
      ...reported,
      name: 'finpilot_error_rate',
      aggregator: 'ratio',
      help: 'Failed share of the market scans of the last five minutes, 0 to 1; 0 without any scan.',
      collect() {
        this.setRatio(...readErrorRate());
      },
    }),

    trainingProgressRatio: new Gauge({
      ...unjoined,
      name: 'finpilot_training_progress_ratio',
      aggregator: 'average',
      help: 'Share of the planned training that is done, 0 to 1.',
      labelNames: ['model'],
    }),
    trainingEpisodesTotal: new Counter({
      ...unjoined,
      name: 'finpilot_training_episodes_total',
      help: 'Total number of training episodes completed.',
      labelNames: ['model'],
    }),
    inferenceDurationSeconds: new Histogram({
      ...unjoined,
      name: 'finpilot_inference_duration_seconds',
      help: 'Duration of one model inference in seconds.',
      labelNames: ['model'],
      buckets: INFERENCE_SECONDS,
    }),

    authAttemptsTotal: new Counter({
      ...unjoined,
      name: 'finpilot_auth_attempts_total',
      help: 'Total number of authentication attempts, by method and outcome.',
      labelNames: ['method', 'outcome'],
    }),
    rateLimitRequestsTotal: new Counter({
      ...unjoined,
      name: 'finpilot_rate_limit_requests_total',
      help: 'Total number of requests that the rate limiter decided on, by outcome.',
      labelNames: ['endpoint', 'outcome'],
    }),

    healthStatus: new Gauge({
      ...reported,
      name: 'finpilot_health_status',
      aggregator: 'min',
      help: 'Result of each health check: 1 healthy, 0 not.',
      labelNames: ['check'],
      collect() {
        return reportHealth(this);
      },
    }),
    buildInfo: new Gauge({
      ...reported,
      name: 'finpilot_build_info',
      aggregator: 'first',
      help: 'Version, revision and Node version of this build; always 1.',
      labelNames: ['version', 'revision', 'node_version'],
    }),
  };
}

/** A gauge without labels that has no series while its value is NaN: there is nothing to estimate yet. */
class EstimateGauge extends Gauge<never> {
  override get series(): Gauge<never>['series'] {
    return super.series.every(({ value }) => Number.isNaN(value)) ? [] : super.series;
  }
}
