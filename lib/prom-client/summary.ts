import {
  Summary as PlainSummary,
  type SummaryChild,
  type SummaryConstructor,
  type SummaryOptions,
} from '../metrics/summary.ts';

/** prom-client's default. Dashboards of packages that create summaries without options depend on these quantiles. */
const DEFAULT_PERCENTILES: readonly number[] = Object.freeze([0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999]);

const AnySummary = PlainSummary as new (options: SummaryOptions<string>) => PlainSummary;

/**
 * The summary of `@finpilot/metrics/summary` with prom-client's default: unless `percentiles` is given, it exposes the
 * quantiles 0.01, 0.05, 0.5, 0.9, 0.95, 0.99 and 0.999.
 *
 * @example
 * ```ts
 * const size = new Summary({ name: 'request_bytes', help: 'Size of requests.' });
 * size.observe(512);
 * ```
 */
const SummaryOfPromClient: SummaryConstructor = class Summary extends AnySummary {
  constructor(options: SummaryOptions<string>) {
    super(withDefaults(options));
  }
} as SummaryConstructor;
/** The type of all summaries: the defaults of the options are the only difference. */
type SummaryOfPromClient<L extends string = string> = PlainSummary<L>;
declare namespace SummaryOfPromClient {
  /** In prom-client the type of a child. */
  type Internal<_L extends string = string> = SummaryChild;
  /** In prom-client the options that other metrics do not have. */
  interface Config {
    percentiles?: number[];
  }
}

/** In prom-client, 0 means no window, as if the option were absent. */
function withDefaults(options: SummaryOptions<string>): SummaryOptions<string> {
  if (typeof options !== 'object' || options === null) return options; // which is refused
  const { percentiles = DEFAULT_PERCENTILES, maxAgeSeconds, ageBuckets, ...others } = options;
  return {
    ...others,
    percentiles,
    ...(isGiven(maxAgeSeconds) && { maxAgeSeconds }),
    ...(isGiven(ageBuckets) && { ageBuckets }),
  };
}

function isGiven(option: number | null | undefined): option is number {
  return option !== 0 && option !== undefined && option !== null;
}

export { SummaryOfPromClient as Summary };
