import { checkBuckets } from '../../model/buckets.ts';
import { checkLabelNames, describe } from '../../model/names.ts';
import type { LineHead, StatsdType } from './line-head.ts';

/**
 * Says what becomes of the StatsD names that match a pattern. The first rule that matches counts.
 *
 * `{ match: 'api.*.requests.*', name: 'api_requests', labels: { route: '$1', status: '$2' } }` makes a counter
 * `api.users.requests.200` the series `api_requests_total{route="users",status="200"}`.
 */
export interface StatsdRule {
  /** A StatsD name in which `*` stands for any text between two dots. */
  readonly match: string;
  /** The type of the lines that match; any unless given. */
  readonly type?: StatsdType;
  /** `true` to ignore what matches. */
  readonly drop?: boolean;
  /**
   * The name of the metric, in which `$1` stands for what the first `*` matched; that of the line unless given. `_total` is
   * added for counters, `_seconds` for timers.
   */
  readonly name?: string;
  /** Labels beside those from tags, over which they win; values may contain `$1`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The help text of the metric. */
  readonly help?: string;
  /** Upper bounds of the histogram that timers, histograms and distributions become, in seconds for timers. */
  readonly buckets?: readonly number[];
  /** Instead of buckets: makes it a summary with these quantiles, each from 0 to 1; empty for sum and count alone. */
  readonly quantiles?: readonly number[];
}

/** A line after the rules: the name without the ending that its type adds, and all labels. */
export interface MappedLine {
  readonly name: string;
  readonly help: string;
  readonly buckets?: readonly number[] | undefined;
  readonly quantiles?: readonly number[] | undefined;
  readonly labels: ReadonlyMap<string, string>;
}

/** A rule whose pattern is split at its dots. */
interface Mapping {
  readonly rule: StatsdRule;
  readonly parts: readonly string[];
}

/** Maps StatsD names to metrics and labels by rules in the style of statsd_exporter. */
export class MappingRules {
  readonly #mappings: readonly Mapping[];
  readonly #keepsUnmapped: boolean;

  /** Throws a TypeError or RangeError that names the rule if one is invalid. */
  constructor(rules: readonly StatsdRule[], keepsUnmapped: boolean) {
    if (!Array.isArray(rules)) {
      throw new TypeError(
        `Cannot start a StatsD server: expected rules as an array of objects, got ${describe(rules)}.`,
      );
    }
    this.#mappings = rules.map((rule: StatsdRule, i) => {
      checkRule(rule, i);
      return { rule, parts: rule.match.split('.') };
    });
    this.#keepsUnmapped = keepsUnmapped;
  }

  /** Returns what becomes of a line; undefined if it is to be dropped. */
  map({ name, type, labels }: LineHead): MappedLine | undefined {
    const parts = name.split('.');
    for (const { rule, parts: pattern } of this.#mappings) {
      if (rule.type !== undefined && rule.type !== type) continue;
      const captured = match(pattern, parts);
      if (captured === undefined) continue;
      if (rule.drop === true) return undefined;
      const all = new Map(labels);
      for (const [label, template] of Object.entries(rule.labels ?? {})) all.set(label, filled(template, captured));
      const { help = `StatsD metrics ${rule.match}.`, buckets, quantiles } = rule;
      return {
        help,
        buckets,
        quantiles,
        name: filled(rule.name ?? name, rule.name === undefined ? [] : captured),
        labels: all,
      };
    }
    return this.#keepsUnmapped ? { name, labels, help: `StatsD metric ${name}.` } : undefined;
  }
}

/** Returns the parts that stand where the pattern has `*`; undefined if it does not match. */
function match(pattern: readonly string[], parts: readonly string[]): string[] | undefined {
  if (pattern.length !== parts.length) return undefined;
  const captured: string[] = [];
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '*') captured.push(parts[i]!);
    else if (pattern[i] !== parts[i]) return undefined;
  }
  return captured;
}

/** `$1` and `${1}`. */
const PLACEHOLDER = /\$(?:(\d+)|\{(\d+)\})/g;

function filled(template: string, captured: readonly string[]): string {
  if (captured.length === 0) return template;
  return template.replace(PLACEHOLDER, (_, plain, braced) => captured[Number(plain ?? braced) - 1]!);
}

const TYPES: readonly unknown[] = [
  'counter',
  'gauge',
  'timer',
  'histogram',
  'distribution',
  'set',
] satisfies readonly StatsdType[];

const OPTIONS = ['match', 'type', 'drop', 'name', 'labels', 'help', 'buckets', 'quantiles'];

function checkRule(rule: StatsdRule, index: number): void {
  const refuse = (expected: string, got: unknown, ErrorClass: ErrorConstructor = TypeError): never => {
    throw new ErrorClass(
      `Cannot start a StatsD server: expected ${expected} in rule ${index + 1}, got ${describe(got)}.`,
    );
  };
  if (typeof rule !== 'object' || rule === null) refuse('an object', rule);
  const { match: pattern, type, drop = false, name, labels = {}, help, buckets, quantiles } = rule;
  const unknown = Object.keys(rule).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) refuse(`only ${OPTIONS.join(', ')}`, unknown, RangeError);
  if (typeof pattern !== 'string' || pattern === '') refuse('match as a StatsD name such as "api.*.requests"', pattern);
  const parts = pattern.split('.');
  const mixed = parts.find((part) => part !== '*' && part.includes('*'));
  if (mixed !== undefined) refuse('each "*" of match to stand alone between dots', mixed, RangeError);
  if (type !== undefined && !TYPES.includes(type)) refuse(`type as one of ${TYPES.join(', ')}`, type, RangeError);
  if (typeof drop !== 'boolean') refuse('drop as true or false', drop);
  if (name !== undefined && (typeof name !== 'string' || name === '')) refuse('name as a text that is not empty', name);
  if (help !== undefined && (typeof help !== 'string' || help.trim() === '')) refuse('help as a text', help);
  if (typeof labels !== 'object' || labels === null) refuse('labels as an object', labels);
  checkLabelNames(Object.keys(labels), pattern);
  const stars = parts.filter((part) => part === '*').length;
  for (const template of [name ?? '', ...Object.values(labels)]) {
    if (typeof template !== 'string') refuse('the values of labels as texts', template);
    const numbers = [...template.matchAll(PLACEHOLDER)].map(([, plain, braced]) => Number(plain ?? braced));
    if (numbers.some((number) => number < 1 || number > stars))
      refuse(`no higher number behind "$" than there are "*" (${stars})`, template, RangeError);
  }
  checkObservations(pattern, buckets, quantiles);
}

/** Throws unless the options for a histogram or a summary are valid, and not given both. `owner` is named in the message. */
export function checkObservations(owner: string, buckets: unknown, quantiles: unknown): void {
  if (buckets !== undefined) checkBuckets(buckets, owner);
  if (quantiles === undefined) return;
  const isGood = (one: unknown, i: number): boolean =>
    typeof one === 'number' && one >= 0 && one <= 1 && (quantiles as unknown[]).indexOf(one) === i;
  if (buckets === undefined && Array.isArray(quantiles) && quantiles.every(isGood)) return;
  throw new RangeError(
    `Cannot start a StatsD server: expected quantiles of ${describe(owner)} from 0 to 1, each once, and no buckets beside ` +
      `them, got ${buckets === undefined ? describe(quantiles) : 'both'}.`,
  );
}
