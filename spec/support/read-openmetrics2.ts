/** An exemplar behind a sample. */
export interface Exemplar2 {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly timestampSeconds: number;
}

/** A bucket or a quantile: index, bound or quantile, then its number. */
export type Point2 = readonly [at: number, value: number];

/** The native buckets of a sample, those of count 0 included. */
export interface NativeValue2 {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly negative: readonly Point2[];
  readonly positive: readonly Point2[];
}

/** The value of a histogram, a gauge histogram or a summary. */
export interface CompositeValue2 {
  readonly kind: 'histogram' | 'gaugehistogram' | 'summary';
  readonly count: number;
  readonly sum: number;
  readonly native: NativeValue2 | undefined;
  /** Classic buckets, cumulative. */
  readonly buckets: readonly Point2[] | undefined;
  readonly quantiles: readonly Point2[] | undefined;
}

/** A sample line. */
export interface Sample2 {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number | CompositeValue2;
  readonly timestampSeconds: number | undefined;
  readonly startSeconds: number | undefined;
  readonly exemplars: readonly Exemplar2[];
}

/** A metric family; its type is `unknown` without a TYPE line. */
export interface Family2 {
  readonly name: string;
  type: string;
  help: string;
  unit: string;
  readonly samples: Sample2[];
}

/** Throws unless a claim about the current line is true. */
type Demand = (claim: boolean, rule: string) => void;

/**
 * Reads an exposition in OpenMetrics 2.0.0-rc0 (March 2026). The patterns are the productions of its ABNF, under the names that
 * they have there; the checks are the sentences of its text that say MUST of one exposition. Shares no code with the library. A
 * SyntaxError names the line.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec_2_0/#abnf
 */
export function readOpenMetrics2(text: string): Family2[] {
  if (!text.isWellFormed()) throw new SyntaxError('Cannot read OpenMetrics 2.0: expected text that UTF-8 can carry');
  if (!/(?:^|\n)# EOF\n?$/.test(text)) throw new SyntaxError('Cannot read OpenMetrics 2.0: expected # EOF at its end');
  const lines = text
    .replace(/# EOF\n?$/, '')
    .split('\n')
    .slice(0, -1);
  const families = new Map<string, Family2>();
  let current: Family2 | undefined;
  let places = new Places();
  const described = new Set<string>();
  for (const [i, line] of lines.entries()) {
    const demand: Demand = (claim, rule) => {
      if (claim) return;
      throw new SyntaxError(`Cannot read OpenMetrics 2.0: expected ${rule}, at line ${i + 1}: ${line.slice(0, 300)}`);
    };
    const enter = (name: string): Family2 => {
      if (current?.name === name) return current;
      demand(!families.has(name), 'all lines of a family together');
      described.clear();
      places = new Places();
      current = { name, type: 'unknown', help: '', unit: '', samples: [] };
      families.set(name, current);
      return current;
    };
    const descriptor = METRIC_DESCRIPTOR.exec(line)?.groups;
    if (descriptor === undefined) {
      const found = METRIC.exec(line)?.groups;
      demand(found !== undefined, 'a metric or a metric descriptor');
      const sample = sampleOf(found!, demand);
      const family = enter(sample.name);
      checkSample(family, sample, demand);
      places.add(family, sample, demand);
      family.samples.push(sample);
      continue;
    }
    const { keyword, name, rest } = descriptor as Record<'keyword' | 'name' | 'rest', string>;
    const family = enter(nameOf(name));
    demand(VALUES[keyword]!.test(rest), `the value of ${keyword}`);
    demand(!described.has(keyword) && family.samples.length === 0, 'one line of each kind, before the samples');
    described.add(keyword);
    if (keyword === 'TYPE') family.type = rest;
    else if (keyword === 'UNIT') family.unit = rest;
    else family.help = unescaped(rest);
    demand(family.type !== 'info' || family.name.endsWith('_info'), 'the name of an info to end with _info');
    demand(family.unit === '' || !/^(?:info|stateset)$/.test(family.type), 'no unit for an info or a state set');
  }
  return [...families.values()];
}

// The productions of the ABNF. Its literals are of any case, unless they are written as codes.

const REALNUMBER = String.raw`(?:[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\d*\.\d+(?:[eE][+-]?\d+)?)`;
const NUMBER = `(?:${REALNUMBER}|[+-]?[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])`;
const INTEGER = String.raw`[+-]?\d+`;
const NON_NEGATIVE_INTEGER = String.raw`\+?\d+`;
const POSITIVE_INTEGER = String.raw`0*[1-9]\d*`;
const ESCAPED_CHAR = String.raw`(?:[^\n"\\]|\\[^\n])`;
const METRICNAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const METRICNAME_UTF8 = `"${ESCAPED_CHAR}+"`;
const LABEL = `(?:[a-zA-Z_][a-zA-Z0-9_]*|"${ESCAPED_CHAR}+")="${ESCAPED_CHAR}*"`;
const LABELS_IN_BRACES = String.raw`\{(?:${LABEL}(?:,${LABEL})*)?\}`;
const NAME_AND_LABELS_IN_BRACES = String.raw`\{${METRICNAME_UTF8}(?:,${LABEL})*\}`;
const EXEMPLAR = ` # ${LABELS_IN_BRACES} ${NUMBER} ${REALNUMBER}`;
const CH_LE_COUNTS = `(?:-Inf:${NUMBER}|${REALNUMBER}:${NUMBER})(?:,${REALNUMBER}:${NUMBER})*`;
const CLASSIC_BUCKETS = String.raw`bucket:\[(?:${CH_LE_COUNTS},)?\+Inf:${NUMBER}\]`;
const NH_SPANS = `${INTEGER}:${POSITIVE_INTEGER}(?:,${NON_NEGATIVE_INTEGER}:${POSITIVE_INTEGER})*`;
const NH_BUCKETS = `${NUMBER}(?:,${NUMBER})*`;
const nhSide = (sign: string): string =>
  String.raw`(?:,${sign}_spans:\[(?:${NH_SPANS})?\],${sign}_buckets:\[(?:${NH_BUCKETS})?\])?`;
const NATIVE_BUCKETS = `schema:${INTEGER},zero_threshold:${REALNUMBER},zero_count:${NUMBER}${nhSide('negative')}${nhSide('positive')}`;
const HISTOGRAM_BUCKETS = `(?:${CLASSIC_BUCKETS}|${NATIVE_BUCKETS}(?:,${CLASSIC_BUCKETS})?)`;
const QUANTILES = String.raw`\[(?:${REALNUMBER}:${NUMBER}(?:,${REALNUMBER}:${NUMBER})*)?\]`;
const SUMMARY_VALUE = `count:${NUMBER},sum:${NUMBER},quantile:${QUANTILES}`;
const COMPOSITE_VALUE = `(?:(?:count:${NUMBER},sum|gcount:${NUMBER},gsum):${NUMBER},${HISTOGRAM_BUCKETS}|${SUMMARY_VALUE})`;

const METRIC = new RegExp(
  `^(?:(?<name>${METRICNAME})(?<labels>${LABELS_IN_BRACES})?|(?<both>${NAME_AND_LABELS_IN_BRACES})) ` +
    String.raw`(?:(?<number>${NUMBER})|\{(?<composite>${COMPOSITE_VALUE})\})` +
    `(?: (?<timestamp>${REALNUMBER}))?(?: st@(?<start>${REALNUMBER}))?(?<exemplars>(?:${EXEMPLAR})*)$`,
  'u',
);
const METRIC_DESCRIPTOR = new RegExp(
  `^# (?<keyword>TYPE|HELP|UNIT) (?<name>${METRICNAME}|${METRICNAME_UTF8}) (?<rest>.*)$`,
  'su',
);
const VALUES: Readonly<Record<string, RegExp>> = {
  TYPE: /^(?:counter|gauge|histogram|gaugehistogram|stateset|info|summary|unknown)$/,
  HELP: new RegExp(`^${ESCAPED_CHAR}*$`, 'u'),
  UNIT: /^[a-zA-Z0-9_:]*$/,
};

// What the productions matched, as values.

function sampleOf(found: Readonly<Record<string, string | undefined>>, demand: Demand): Sample2 {
  const { name, labels = '', both, number, composite, timestamp, start, exemplars = '' } = found;
  const quotedName = both === undefined ? undefined : new RegExp(METRICNAME_UTF8, 'u').exec(both)![0];
  return {
    name: nameOf(name ?? quotedName!),
    labels: labelsOf(both === undefined ? labels : both.slice(1 + quotedName!.length), demand),
    value: number === undefined ? compositeOf(composite!, demand) : numberOf(number),
    timestampSeconds: timestamp === undefined ? undefined : numberOf(timestamp),
    startSeconds: start === undefined ? undefined : numberOf(start),
    exemplars: [...exemplars.matchAll(new RegExp(EXEMPLAR, 'gu'))].map(([written]) => {
      const braces = new RegExp(LABELS_IN_BRACES, 'u').exec(written)![0];
      const [value, time] = written.slice(4 + braces.length).split(' ') as [string, string];
      return { labels: labelsOf(braces, demand), value: numberOf(value), timestampSeconds: numberOf(time) };
    }),
  };
}

function labelsOf(text: string, demand: Demand): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [written] of text.matchAll(new RegExp(LABEL, 'gu'))) {
    const key = /^(?:"(?:[^"\\]|\\.)*"|[^=]*)/su.exec(written)![0];
    demand(!labels.has(nameOf(key)), 'each label once');
    labels.set(nameOf(key), unescaped(written.slice(key.length + 2, -1)));
  }
  return labels;
}

function compositeOf(text: string, demand: Demand): CompositeValue2 {
  const fields = new Map(
    text.split(/,(?=[a-z]+(?:_[a-z]+)?:)/).map((field) => field.split(/:(.*)/s) as [string, string]),
  );
  const field = (name: string): number => numberOf(fields.get(name)!);
  const isGauge = fields.has('gcount');
  const native = fields.has('schema')
    ? {
        schema: field('schema'),
        zeroThreshold: field('zero_threshold'),
        zeroCount: field('zero_count'),
        negative: nativeOf(fields.get('negative_spans'), fields.get('negative_buckets'), demand),
        positive: nativeOf(fields.get('positive_spans'), fields.get('positive_buckets'), demand),
      }
    : undefined;
  return {
    kind: fields.has('quantile') ? 'summary' : isGauge ? 'gaugehistogram' : 'histogram',
    count: field(isGauge ? 'gcount' : 'count'),
    sum: field(isGauge ? 'gsum' : 'sum'),
    native,
    buckets: pairsOf(fields.get('bucket')),
    quantiles: pairsOf(fields.get('quantile')),
  };
}

function pairsOf(list: string | undefined): Point2[] | undefined {
  return list === undefined
    ? undefined
    : itemsOf(list).map((pair) => pair.split(':').map(numberOf) as [number, number]);
}

function nativeOf(spans = '[]', counts = '[]', demand: Demand): Point2[] {
  let next = 0;
  const indexes = pairsOf(spans)!.flatMap(([offset, length]) => {
    const first = next + offset;
    next = first + length;
    demand(length <= 1e6, 'spans of a length that a specification may have');
    return Array.from({ length }, (_, i) => first + i);
  });
  const values = itemsOf(counts).map(numberOf);
  demand(indexes.length === values.length, 'as many buckets as the spans have');
  return indexes.map((index, i) => [index, values[i]!]);
}

function itemsOf(list: string): string[] {
  return list === '[]' ? [] : list.slice(1, -1).split(',');
}

function numberOf(text: string): number {
  const [, sign = '', word] = /^([+-]?)(inf|nan)/i.exec(text) ?? [];
  if (word === undefined && !Number.isFinite(Number(text))) {
    throw new SyntaxError(`Cannot read OpenMetrics 2.0: expected a number within the range of a double, got ${text}`);
  }
  if (word === undefined) return Number(text);
  return word.toLowerCase() === 'nan' ? NaN : sign === '-' ? -Infinity : Infinity;
}

function nameOf(written: string): string {
  return written.startsWith('"') ? unescaped(written.slice(1, -1)) : written;
}

/** An undefined escape stands for itself. */
function unescaped(text: string): string {
  return text.replace(/\\(.)/gsu, (written, character: string) =>
    character === 'n' ? '\n' : character === '"' || character === '\\' ? character : written,
  );
}

// What the text requires of a sample beside the grammar.

function checkSample({ type, name }: Family2, sample: Sample2, demand: Demand): void {
  const { value, labels, startSeconds, exemplars } = sample;
  if (type === 'unknown') {
    if (typeof value !== 'number') checkComposite(value, labels, demand);
  } else if (typeof value === 'number') {
    demand(/^(?:counter|gauge|info|stateset)$/.test(type), `a composite value of a ${type}`);
    if (type === 'counter') demand(value >= 0, 'a counter that is a number from 0 on');
    if (type === 'info') demand(value === 1, 'the value 1 of an info');
    if (type === 'stateset') demand((value === 0 || value === 1) && labels.has(name), 'a state that is 0 or 1');
  } else {
    demand(value.kind === type, `a value of a ${type}`);
    checkComposite(value, labels, demand);
  }
  demand(
    startSeconds === undefined || /^(?:counter|histogram|summary|unknown)$/.test(type),
    `no start time of a ${type}`,
  );
  demand(exemplars.length === 0 || !/^(?:gauge|info|stateset)$/.test(type), `no exemplar of a ${type}`);
}

/** Sees to it that each metric of a family is there once, its samples in the order of their times, and state sets together. */
class Places {
  readonly #metrics = new Set<string>();
  readonly #groups = new Set<string>();
  #metric: string | undefined;
  #group: string | undefined;
  #time: number | undefined;

  add({ type, name }: Family2, { labels, timestampSeconds }: Sample2, demand: Demand): void {
    const metric = keyOf(labels);
    if (metric !== this.#metric) demand(!this.#metrics.has(metric), 'each metric once');
    else demand(timestampSeconds! >= this.#time!, 'samples of a metric in the order of their times');
    this.#metrics.add(metric);
    this.#metric = metric;
    this.#time = timestampSeconds;
    if (type !== 'stateset') return;
    const group = keyOf(new Map([...labels].filter(([label]) => label !== name)));
    if (group !== this.#group) demand(!this.#groups.has(group), 'the states of a group together');
    this.#groups.add(group);
    this.#group = group;
  }
}

/** A label without a value is none. */
function keyOf(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkComposite(
  { kind, count, sum, native, buckets, quantiles }: CompositeValue2,
  labels: ReadonlyMap<string, string>,
  demand: Demand,
): void {
  const isGauge = kind === 'gaugehistogram';
  if (!isGauge) demand(!(count < 0), 'a count that is not negative');
  if (quantiles !== undefined) {
    demand(Number.isInteger(count) && !labels.has('quantile'), 'a whole count, and no label quantile');
    demand(
      quantiles.every(([quantile, value]) => quantile >= 0 && quantile <= 1 && !(value < 0)),
      'quantiles from 0 to 1',
    );
    demand(isRising(quantiles), 'rising quantiles');
  }
  if (buckets !== undefined) {
    demand(!labels.has('le') && isRising(buckets), 'rising thresholds, and no label le');
    demand(Object.is(buckets.at(-1)![1], count), 'the count in the last bucket');
    if (!isGauge)
      demand(
        buckets.every(([, value], i) => !(value < (buckets[i - 1]?.[1] ?? 0))),
        'cumulative buckets',
      );
  }
  if (native !== undefined) {
    const { schema, zeroThreshold, zeroCount, positive, negative } = native;
    demand(schema >= -4 && schema <= 8 && zeroThreshold >= 0 && zeroThreshold < Infinity, 'a schema from -4 to 8');
    const last = 1024 * 2 ** schema + 1;
    demand(![...positive, ...negative].some(([index]) => index > last), 'no bucket behind that of infinity');
    const counts = [zeroCount, ...[...positive, ...negative].map(([, value]) => value)];
    if (!isGauge) demand(!counts.some((value) => value < 0), 'native counts that are not negative');
    const total = counts.reduce((all, one) => all + one, 0);
    const isSum = Number.isNaN(sum) ? !(count < total) : Math.abs(count - total) <= 1e-9 * Math.abs(total);
    demand(isSum || !Number.isFinite(total), 'a count that is the sum of the buckets');
  }
}

function isRising(points: readonly Point2[]): boolean {
  return points.every(([at], i) => i === 0 || at > points[i - 1]![0]);
}
