import {
  type PromqlAggregation,
  type PromqlBinary,
  type PromqlCall,
  type PromqlExpression,
  parsePromql,
} from '../support/parse-promql.ts';
import type { KnownSeries } from './known-series.ts';

/** What came of checking an expression. */
export interface CheckedExpression {
  /** The labels of its series. */
  readonly labels: ReadonlySet<string>;
  /** What is wrong with it; empty if nothing is. */
  readonly faults: readonly string[];
}

/** What each function may be given; those of no vector are not in here. */
const OF_COUNTERS = ['rate', 'increase', 'irate'];
const OF_GAUGES = ['predict_linear', 'deriv', 'delta', 'changes', 'sum_over_time', 'avg_over_time', 'max_over_time'];

const NONE: ReadonlySet<string> = new Set();

/**
 * Checks a PromQL expression against the series that there are: their names and labels, `rate()` of counters only, and
 * `le` where a quantile is asked for, unless of a native histogram. Two sides that are matched by all labels must have the same, or nothing matches.
 * Throws a SyntaxError on what parsePromql() does not read.
 */
export function checkExpression(text: string, known: ReadonlyMap<string, KnownSeries>): CheckedExpression {
  const faults: string[] = [];
  const labels = new Checker(known, faults).labelsOf(parsePromql(text));
  return { labels: labels ?? NONE, faults };
}

class Checker {
  readonly #known: ReadonlyMap<string, KnownSeries>;
  readonly #faults: string[];

  constructor(known: ReadonlyMap<string, KnownSeries>, faults: string[]) {
    this.#known = known;
    this.#faults = faults;
  }

  /** The labels of the series; undefined of a number or string, which has no series. */
  labelsOf(expression: PromqlExpression): ReadonlySet<string> | undefined {
    switch (expression.kind) {
      case 'literal':
        return undefined;
      case 'selector': {
        const series = this.#known.get(expression.metric);
        if (series === undefined) {
          this.#faults.push(`${expression.metric}: there is no such series`);
          return NONE;
        }
        const labels = expression.matchers.map(({ label }) => label);
        this.#require(labels, series.labels, expression.metric);
        return series.labels;
      }
      case 'call':
        return this.#ofCall(expression);
      case 'aggregation':
        return this.#ofAggregation(expression);
      case 'binary':
        return this.#ofBinary(expression);
    }
  }

  #ofCall({ function: name, args }: PromqlCall): ReadonlySet<string> | undefined {
    if (name === 'time') return undefined;
    if (name === 'vector') return NONE;
    const [first] = args;
    if (name === 'absent' && first?.kind === 'selector') {
      this.labelsOf(first);
      return new Set(first.matchers.filter(({ operator }) => operator === '=').map(({ label }) => label));
    }
    if (first?.kind === 'selector') this.#requireType(name, first.metric);
    const labels = args.map((arg) => this.labelsOf(arg)).find((some) => some !== undefined);
    if (name !== 'histogram_quantile' || labels === undefined) return labels;
    if (this.#known.get(metricOf(args.at(-1)!) ?? '')?.type === 'native histogram') return labels;
    this.#require(['le'], labels, name);
    return new Set([...labels].filter((label) => label !== 'le'));
  }

  #ofAggregation({ operator, grouping, labels, args }: PromqlAggregation): ReadonlySet<string> {
    const inner = args.map((arg) => this.labelsOf(arg)).at(-1) ?? NONE;
    this.#require(labels, inner, operator);
    return grouping === 'by' ? new Set(labels) : new Set([...inner].filter((label) => !labels.includes(label)));
  }

  #ofBinary({ operator, left, right, matching, group }: PromqlBinary): ReadonlySet<string> | undefined {
    const [ofLeft, ofRight] = [this.labelsOf(left), this.labelsOf(right)];
    if (ofLeft === undefined || ofRight === undefined) return ofLeft ?? ofRight;
    if (operator === 'or') return new Set([...ofLeft, ...ofRight]);
    if (matching === undefined) {
      const differ = [...ofLeft]
        .filter((label) => !ofRight.has(label))
        .concat([...ofRight].filter((label) => !ofLeft.has(label)));
      if (differ.length > 0) this.#faults.push(`${operator}: only one side has ${differ.join(', ')}`);
      return ofLeft;
    }
    if (matching.kind === 'on') for (const side of [ofLeft, ofRight]) this.#require(matching.labels, side, operator);
    if (operator === 'and' || operator === 'unless' || group?.kind === 'group_left') return ofLeft;
    return matching.kind === 'on' ? new Set(matching.labels) : ofLeft;
  }

  #require(labels: readonly string[], there: ReadonlySet<string>, where: string): void {
    for (const label of labels) if (!there.has(label)) this.#faults.push(`${where}: there is no label ${label}`);
  }

  #requireType(name: string, metric: string): void {
    const type = this.#known.get(metric)?.type;
    if (OF_COUNTERS.includes(name) && type === 'gauge') this.#faults.push(`${name}() of the gauge ${metric}`);
    if (OF_GAUGES.includes(name) && type !== undefined && type !== 'gauge')
      this.#faults.push(`${name}() of the ${type} ${metric}`);
  }
}

/** The metric of the first selector of an expression. */
function metricOf(expression: PromqlExpression): string | undefined {
  switch (expression.kind) {
    case 'literal':
      return undefined;
    case 'selector':
      return expression.metric;
    case 'call':
    case 'aggregation':
      return expression.args.map(metricOf).find((metric) => metric !== undefined);
    case 'binary':
      return metricOf(expression.left) ?? metricOf(expression.right);
  }
}
