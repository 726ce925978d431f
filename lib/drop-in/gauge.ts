import { type GaugeOptions, Gauge as PlainGauge } from '../metrics/gauge.ts';
import type { WithoutLabels } from '../metrics/options.ts';
import type { Aggregator } from '../model/aggregator.ts';
import { currentValues } from './current-values.ts';
import type { MetricObjectWithValues, MetricValue } from './metric-object.ts';
import type { DropInOptions } from './options.ts';

/** Options for a gauge of the main entry. */
export interface GaugeConfiguration<L extends string> extends GaugeOptions<L>, DropInOptions {}

const Base = PlainGauge as unknown as new <L extends string>(options: GaugeOptions<L>) => PlainGauge<L>;

class Gauge<L extends string> extends Base<L> {
  static readonly isLenientWithLabels = true;
  override readonly aggregator: Aggregator;

  constructor(options: GaugeConfiguration<L>) {
    super(options);
    this.aggregator = options.aggregator ?? 'sum';
  }

  /** The values of this moment, as plain objects. Runs `collect`. */
  get(): Promise<MetricObjectWithValues<MetricValue<L>>> {
    return currentValues(this, this.aggregator);
  }
}

/** How gauges of the main entry are created. */
export interface GaugeConstructor {
  new (options: WithoutLabels<GaugeConfiguration<never>>): Gauge<never>;
  new <const L extends string>(options: GaugeConfiguration<L>): Gauge<L>;
  readonly prototype: Gauge<string>;
}

/**
 * The gauge of the core, on the same hot path, with what prom-client's users know besides: `get()` and the `aggregator`
 * option.
 *
 * @example
 * ```ts
 * const open = new Gauge({ name: 'open_orders', help: 'Orders that wait.' });
 * open.set(3);
 * const { values } = await open.get();
 * values; // [{ value: 3, labels: {} }]
 * ```
 */
const TypedGauge: GaugeConstructor = Gauge;
type TypedGauge<L extends string = string> = Gauge<L>;

export { TypedGauge as Gauge };
