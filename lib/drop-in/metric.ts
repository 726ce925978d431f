import type { Counter } from './counter.ts';
import type { Gauge } from './gauge.ts';
import type { Histogram } from './histogram.ts';
import type { Summary } from './summary.ts';

/** The instruments of the main entry that prom-client has too; which one it is, `type` tells. */
export type Metric<L extends string = string> = Counter<L> | Gauge<L> | Histogram<L> | Summary<L>;
