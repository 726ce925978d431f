import { type PromqlToken, promqlTokens } from './promql-tokens.ts';

/** A condition on a label, such as `outcome="failure"`. */
export interface PromqlMatcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** Which series of a selector are meant. */
export interface PromqlSelector {
  readonly kind: 'selector';
  readonly metric: string;
  /** In the order of their labels. */
  readonly matchers: readonly PromqlMatcher[];
  /** The window of a range vector, such as `5m`. */
  readonly range?: string;
  readonly offset?: string;
}

/** A function and its arguments. */
export interface PromqlCall {
  readonly kind: 'call';
  readonly function: string;
  readonly args: readonly PromqlExpression[];
}

/** An aggregation. Without labels it gives one series. */
export interface PromqlAggregation {
  readonly kind: 'aggregation';
  readonly operator: string;
  readonly grouping: 'by' | 'without';
  readonly labels: readonly string[];
  /** As of `topk(3, …)`, and the expression itself last. */
  readonly args: readonly PromqlExpression[];
}

/** Two expressions and what stands between them. */
export interface PromqlBinary {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: PromqlExpression;
  readonly right: PromqlExpression;
  /** By which labels series are matched; undefined where it says neither. */
  readonly matching?: { readonly kind: 'on' | 'ignoring'; readonly labels: readonly string[] };
  /** Which side may have several series to one of the other, and which labels it gets from there. */
  readonly group?: { readonly kind: 'group_left' | 'group_right'; readonly labels: readonly string[] };
}

/** A number or string. */
export interface PromqlLiteral {
  readonly kind: 'literal';
  readonly value: string;
}

/** A PromQL expression. Parentheses show in its shape only. */
export type PromqlExpression = PromqlSelector | PromqlCall | PromqlAggregation | PromqlBinary | PromqlLiteral;

const AGGREGATIONS = /^(?:sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|quantile|count_values)$/;
/** How strongly each operator binds. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  ...{ and: 2, unless: 2 },
  ...{ '==': 3, '!=': 3, '>': 3, '<': 3, '>=': 3, '<=': 3 },
  ...{ '+': 4, '-': 4 },
  ...{ '*': 5, '/': 5, '%': 5 },
};

/**
 * Parses a PromQL expression, as far as the rules and dashboards of monitoring/ go: no subqueries, no `@`, no `^`, no
 * sign before an expression, no native histograms. Throws a SyntaxError on those, and on what is no PromQL.
 */
export function parsePromql(text: string): PromqlExpression {
  const parser = new Parser(promqlTokens(text));
  const expression = parser.expression(0);
  parser.end();
  return expression;
}

class Parser {
  readonly #tokens: readonly PromqlToken[];
  #at = 0;

  constructor(tokens: readonly PromqlToken[]) {
    this.#tokens = tokens;
  }

  /** Takes operators that bind more strongly than `least`. */
  expression(least: number): PromqlExpression {
    let left = this.#operand();
    for (;;) {
      const operator = this.#peek();
      const precedence = PRECEDENCE[operator] ?? 0;
      if (precedence <= least) return left;
      this.#at++;
      const matching = this.#matching();
      const right = this.expression(precedence);
      left = { kind: 'binary', operator, left, right, ...matching };
    }
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.#fail('the end');
  }

  #matching(): Pick<PromqlBinary, 'matching' | 'group'> {
    const kind = this.#takeName('on', 'ignoring');
    if (kind === undefined) return {};
    const matching = { kind, labels: this.#labelList() };
    const side = this.#takeName('group_left', 'group_right');
    if (side === undefined) return { matching };
    return { matching, group: { kind: side, labels: this.#peek() === '(' ? this.#labelList() : [] } };
  }

  #operand(): PromqlExpression {
    const token = this.#tokens[this.#at];
    if (this.#take('(')) {
      const inner = this.expression(0);
      this.#expect(')');
      return inner;
    }
    if (token?.kind === 'number' || token?.kind === 'string') {
      this.#at++;
      return { kind: 'literal', value: token.text };
    }
    if (token?.kind !== 'name') return this.#fail('an expression');
    this.#at++;
    if (AGGREGATIONS.test(token.text)) return this.#aggregation(token.text);
    if (this.#peek() === '(') return { kind: 'call', function: token.text, args: this.#args() };
    return this.#selector(token.text);
  }

  #aggregation(operator: string): PromqlAggregation {
    const before = this.#grouping();
    const args = this.#args();
    return { kind: 'aggregation', operator, ...(before ?? this.#grouping() ?? { grouping: 'by', labels: [] }), args };
  }

  #grouping(): Pick<PromqlAggregation, 'grouping' | 'labels'> | undefined {
    const grouping = this.#takeName('by', 'without');
    return grouping === undefined ? undefined : { grouping, labels: this.#labelList() };
  }

  #selector(metric: string): PromqlSelector {
    const matchers = this.#peek() === '{' ? this.#list('{', '}', () => this.#matcher()) : [];
    const range = this.#take('[') ? this.#duration() : undefined;
    if (range !== undefined) this.#expect(']');
    const offset = this.#takeName('offset') === undefined ? undefined : this.#duration();
    return {
      kind: 'selector',
      metric,
      matchers: matchers.sort((a, b) => (a.label < b.label ? -1 : 1)),
      ...(range === undefined ? {} : { range }),
      ...(offset === undefined ? {} : { offset }),
    };
  }

  #matcher(): PromqlMatcher {
    const label = this.#word('name');
    const operator = this.#peek();
    if (!['=', '!=', '=~', '!~'].includes(operator)) this.#fail('a matcher');
    this.#at++;
    return { label, operator, value: this.#word('string') };
  }

  #args(): PromqlExpression[] {
    return this.#list('(', ')', () => this.expression(0));
  }

  #labelList(): string[] {
    return this.#list('(', ')', () => this.#word('name'));
  }

  #list<T>(open: string, close: string, item: () => T): T[] {
    this.#expect(open);
    const items: T[] = [];
    while (!this.#take(close)) {
      items.push(item());
      if (this.#peek() !== close) this.#expect(',');
    }
    return items;
  }

  #duration(): string {
    return this.#word('duration');
  }

  #word(kind: PromqlToken['kind']): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) return this.#fail(`a ${kind}`);
    this.#at++;
    return token.text;
  }

  #takeName<const T extends string>(...names: readonly T[]): T | undefined {
    const name = names.find((one) => one === this.#peek());
    if (name !== undefined) this.#at++;
    return name;
  }

  #take(text: string): boolean {
    const isThere = this.#peek() === text;
    if (isThere) this.#at++;
    return isThere;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail(`"${text}"`);
  }

  /** The text of the next token; that of a string is no syntax. */
  #peek(): string {
    const token = this.#tokens[this.#at];
    return token === undefined || token.kind === 'string' ? '' : token.text;
  }

  #fail(expected: string): never {
    const got = this.#tokens[this.#at]?.text ?? 'the end';
    throw new SyntaxError(`Cannot read PromQL: expected ${expected}, got "${got}" as token ${this.#at + 1}.`);
  }
}
