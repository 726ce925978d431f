import type { Labels } from '../model/label-value.ts';
import { describe } from '../model/names.ts';
import { Child } from './child.ts';
import { LabelledMetric } from './labelled-metric.ts';
import type { MetricOptions } from './options.ts';

/** Options for an info; its name ends with `_info`. It has no unit, and its series do not expire. */
export interface InfoOptions<L extends string> extends Omit<MetricOptions<L>, 'unit' | 'idleSeconds'> {
  readonly labelNames: readonly L[];
}

class Info<L extends string> extends LabelledMetric<InfoChild, L> {
  static override readonly canExpire = false;
  readonly type = 'info';

  constructor(options: InfoOptions<L>) {
    super(options, (parent, lastValue) => new InfoChild(parent, lastValue));
    if (!this.name.endsWith('_info')) {
      throw new RangeError(`Cannot create info ${describe(this.name)}: expected a name that ends with "_info".`);
    }
    return this.join(options.ifExists);
  }

  /** Replaces all series with this label set. Throws a RangeError on an unknown label. */
  set(labels: Labels<L>): void {
    this.index.peek(labels); // throws before anything is removed
    this.clear();
    this.index.find(labels);
  }

  /** Adds a series with these labels, for an info about several things. Throws a RangeError on an unknown label. */
  add(labels: Labels<L>): void {
    this.index.find(labels);
    this.index.bringBackOnly();
  }
}

/** Creates infos. The type checker knows the label names. */
export interface InfoConstructor {
  new <const L extends string>(options: InfoOptions<L>): Info<L>;
  readonly prototype: Info<string>;
}

/**
 * Text that rarely or never changes while the process runs: a version, a build, a configuration. The labels hold the text;
 * the value is always 1.
 *
 * ```text
 * # HELP build_info Version of this program.
 * # TYPE build_info gauge
 * build_info{version="1.4.0"} 1
 * ```
 *
 * OpenMetrics has a type for it; the other formats expose it as a gauge.
 *
 * @example
 * ```ts
 * const build = new Info({ name: 'build_info', help: 'Version of this program.', labelNames: ['version'] });
 * build.set({ version: '1.4.0' });
 * ```
 */
const TypedInfo: InfoConstructor = Info;
type TypedInfo<L extends string = string> = Info<L>;

export { TypedInfo as Info };

/** One series of an info: its labels hold the text, and its value is always 1. */
export class InfoChild extends Child {
  get value(): number {
    return 1;
  }

  override reset(): void {}

  /** Nobody can hold a child of an info, so no update brings one back. */
  override get isUpdated(): boolean {
    return false;
  }

  override giveTo(): boolean {
    return false;
  }
}
