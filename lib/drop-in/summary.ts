import type { WithoutLabels } from '../metrics/options.ts';
import { Summary as PlainSummary, type SummaryOptions } from '../metrics/summary.ts';
import type { Aggregator } from '../model/aggregator.ts';
import { currentValues } from './current-values.ts';
import type { MetricObjectWithValues, MetricValueWithName } from './metric-object.ts';
import type { DropInOptions } from './options.ts';

/** Options for a summary of the main entry. */
export interface SummaryConfiguration<L extends string> extends SummaryOptions<L>, DropInOptions {
  /** Taken for prom-client's users, and without effect: there is nothing to compress. */
  readonly compressCount?: number;
}

const Base = PlainSummary as unknown as new <L extends string>(options: SummaryOptions<L>) => PlainSummary<L>;

class Summary<L extends string> extends Base<L> {
  static readonly isLenientWithLabels = true;
  override readonly aggregator: Aggregator;

  constructor(options: SummaryConfiguration<L>) {
    super(options);
    this.aggregator = options.aggregator ?? 'sum';
  }

  /** The values of this moment, as plain objects. Runs `collect`. */
  get(): Promise<MetricObjectWithValues<MetricValueWithName<L>>> {
    return currentValues(this, this.aggregator);
  }
}

/** How summaries of the main entry are created. */
export interface SummaryConstructor {
  new (options: WithoutLabels<SummaryConfiguration<never>>): Summary<never>;
  new <const L extends string>(options: SummaryConfiguration<L>): Summary<L>;
  readonly prototype: Summary<string>;
}

/**
 * The summary of `@finpilot/metrics/summary`, on the same hot path, with what prom-client's users know besides: `get()`
 * and the `aggregator` option.
 *
 * @example
 * ```ts
 * const fill = new Summary({ name: 'fill_seconds', help: 'Time until filled.', percentiles: [0.5] });
 * fill.observe(0.2);
 * console.log((await fill.get()).values[0]); // { labels: { quantile: 0.5 }, value: 0.2 }
 * ```
 */
const TypedSummary: SummaryConstructor = Summary;
type TypedSummary<L extends string = string> = Summary<L>;

export { TypedSummary as Summary };
