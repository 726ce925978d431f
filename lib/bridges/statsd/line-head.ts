import { notReserved, underscoredLabelName } from '../../model/names.ts';

/** What a StatsD line updates: `c`, `g`, `ms`, `h`, `d` or `s` on the wire. */
export type StatsdType = 'counter' | 'gauge' | 'timer' | 'histogram' | 'distribution' | 'set';

/** Everything that a line says but its value. Lines that agree in it update the same series in the same way. */
export interface LineHead {
  /** As it was sent, without tags. */
  readonly name: string;
  readonly type: StatsdType;
  /** How many events the line stands for: 1 / sample rate. */
  readonly weight: number;
  /** The tags, by names that are legal labels. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Why a line is not counted; the values of the label `reason`. */
export type DropReason =
  | 'no_name'
  | 'no_value'
  | 'value'
  | 'negative_counter'
  | 'type'
  | 'sample_rate'
  | 'tag'
  | 'too_long'
  | 'event'
  | 'service_check'
  | 'rule'
  | 'conflict'
  | 'too_many_series'
  | 'too_many_values';

const TYPES: ReadonlyMap<string, StatsdType> = new Map([
  ['c', 'counter'],
  ['g', 'gauge'],
  ['ms', 'timer'],
  ['h', 'histogram'],
  ['d', 'distribution'],
  ['s', 'set'],
]);

/** An observation with a sample rate is counted so many times: a lower rate would let one line hold up the process. */
const MAX_WEIGHT = 1000;

/** Clients sample one in ten or in a thousand. A counter whose line would count for more than this was not sampled, but forged. */
const MAX_COUNTER_WEIGHT = 1e6;

/** DogStatsD's tags stand behind the type; those of other dialects behind the name, after one of these characters. */
const TAGS_IN_NAME = /[,;#]/;

/**
 * Parses a line without its value: the part before the first colon, and the part from the first bar on. Returns the reason
 * if it is malformed.
 *
 * Tags may be in DogStatsD's form (`name:1|c|#key:value,other:2`), or in those of InfluxDB (`name,key=value:1|c`), Librato
 * (`name#key=value:1|c`) and Graphite (`name;key=value:1|c`). A tag without a value has the value `true`. The sections of
 * DogStatsD with a timestamp, container or cardinality are ignored.
 */
export function parseHead(nameAndTags: string, suffix: string): LineHead | DropReason {
  const [, typeText = '', ...sections] = suffix.split('|');
  const type = TYPES.get(typeText);
  if (type === undefined) return 'type';
  const [name = '', ...tagsInName] = nameAndTags.split(TAGS_IN_NAME);
  if (name === '') return 'no_name';
  const labels = new Map<string, string>();
  let weight = 1;
  for (const tag of tagsInName) if (!addTag(labels, tag, '=')) return 'tag';
  for (const section of sections) {
    if (section.startsWith('@')) {
      const rate = decimal(section.slice(1));
      if (!(rate > 0 && rate <= 1)) return 'sample_rate';
      weight = 1 / rate;
    } else if (section.startsWith('#')) {
      for (const tag of section.slice(1).split(',')) if (!addTag(labels, tag, ':')) return 'tag';
    }
  }
  // Gauges and sets have nothing to multiply.
  if (type === 'gauge' || type === 'set') weight = 1;
  if (weight > (type === 'counter' ? MAX_COUNTER_WEIGHT : MAX_WEIGHT)) return 'sample_rate';
  return { name, type, weight, labels };
}

/** Adds a tag under a legal label name; returns whether it has a name. */
function addTag(labels: Map<string, string>, tag: string, separator: string): boolean {
  if (tag === '') return true; // behind a trailing comma
  const end = tag.indexOf(separator);
  const name = end === -1 ? tag : tag.slice(0, end);
  if (name === '') return false;
  labels.set(legalLabelName(name), end === -1 ? 'true' : tag.slice(end + 1));
  return true;
}

/** `le` and `quantile` are reserved for buckets and quantiles, and `__` at the start for Prometheus. */
function legalLabelName(name: string): string {
  const legal = notReserved(underscoredLabelName(/^\d/.test(name) ? `_${name}` : name));
  return legal === 'le' || legal === 'quantile' ? `tag_${legal}` : legal;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** Returns the finite number that a text is, else `NaN`. */
export function decimal(text: string): number {
  if (text.length > MAX_DECIMAL_LENGTH || !DECIMAL.test(text)) return NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : NaN;
}

/** More than any double needs. */
const MAX_DECIMAL_LENGTH = 400;

/**
 * Reads digits, with a fraction or without, from a line; `NaN` if there is anything else, or there are more than 15 of them.
 * Nearly all values are like that, and this takes a third of the time of {@link decimal}: two whole numbers below
 * 2^53, of which a power of ten up to 10^22 is exact, divide to the nearest double.
 */
export function plainDecimal(line: string, start: number, end: number): number {
  if (end - start > 16 || end === start) return NaN;
  let digits = 0;
  let point = end;
  for (let at = start; at < end; at++) {
    const code = line.charCodeAt(at) - 48;
    if (code >= 0 && code <= 9) digits = digits * 10 + code;
    else if (code === -2 && point === end && end - start > 1) point = at;
    else return NaN;
  }
  if (point === end) return end - start <= 15 ? digits : NaN;
  return digits / POWERS_OF_TEN[end - point - 1]!;
}

const POWERS_OF_TEN = Array.from({ length: 17 }, (_, exponent) => 10 ** exponent);
