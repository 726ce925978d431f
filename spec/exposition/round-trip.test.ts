import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CollectedExemplar,
  type CollectedFamily,
  MetricsRegistry,
  type MetricType,
  PrometheusExporter,
} from '../../lib/core.ts';
import { NAME_SCHEMES } from '../../lib/exposition/names/name-schemes.ts';
import { type ParsedExemplar, type ParsedFamily, type ParsedSample, parse } from '../../lib/parse/index.ts';
import { canonicalFloat } from '../support/canonical-float.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { withMaps } from '../support/with-maps.ts';

// Random families of every type, with nasty names and values, written in each text format: the parser must give back what
// the collector gave. What a format should make of a family is spelled out below, without a look at the encoders.

const REGISTRIES = 120;
// Not -0, which is written as 0.
const VALUES = [0, 1, -1, 0.1, 1 / 3, 2 ** 53, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, NaN, Infinity, -Infinity];
const TYPES: readonly MetricType[] = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
];
const FORMATS = [
  'text/plain;version=0.0.4',
  'text/plain;version=1.0.0;escaping=allow-utf-8',
  'application/openmetrics-text;version=0.0.1',
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
];

test('what random registries hold comes back from every text format', async () => {
  const random = new SeededRandom(21);
  for (let i = 0; i < REGISTRIES; i++) {
    const families = Array.from({ length: random.int(5) }, (_, n) => randomFamily(random, n));
    const constantLabels = random.int(2) === 0 ? {} : { 'zone.x': random.text(8) };
    const registry = new MetricsRegistry({ constantLabels, nameValidationScheme: 'utf8' });
    registry.registerCollector({ name: 'random', collect: () => families });
    for (const createdLines of [false, true]) {
      const exporter = new PrometheusExporter(registry, { createdLines });
      for (const accept of FORMATS) {
        const parsed = withMaps(parse(await exporter.render(accept), exporter.contentType(accept)));
        const expected = new Expectation(accept, createdLines, Object.entries(constantLabels));
        assert.deepEqual(
          parsed,
          families.filter(({ series }) => series.length > 0).map((family) => expected.of(family)),
          accept,
        );
      }
    }
  }
});

/** What a format makes of collected families. */
class Expectation {
  readonly #isOpenMetrics: boolean;
  readonly #hasCreated: boolean;
  readonly #names: (typeof NAME_SCHEMES)['dots'];
  readonly #constantLabels: readonly (readonly [string, string])[];

  constructor(accept: string, createdLines: boolean, constantLabels: readonly (readonly [string, string])[]) {
    this.#isOpenMetrics = accept.startsWith('application');
    this.#hasCreated = createdLines && this.#isOpenMetrics;
    this.#names = NAME_SCHEMES[accept.includes('allow-utf-8') ? 'allow-utf-8' : 'underscores'];
    this.#constantLabels = constantLabels;
  }

  of(family: CollectedFamily): ParsedFamily {
    const { help, unit = '', type = 'unknown' } = family;
    const sampleName = this.#names.metric(family.name);
    const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
    const name = this.#isOpenMetrics && suffix !== '' ? sampleName.slice(0, -suffix.length) : sampleName;
    const samples = family.series.flatMap((_, i) => this.#samples(family, i, sampleName));
    return {
      name,
      help,
      unit: this.#isOpenMetrics ? unit : '',
      type: this.#isOpenMetrics ? type : TEXT_TYPES[type],
      samples,
    };
  }

  #samples(family: CollectedFamily, index: number, name: string): ParsedSample[] {
    const series = family.series[index]!;
    const { type = 'unknown', createdSeconds } = family;
    const labels = this.#labels(family, index);
    const sample = (
      suffix: string,
      value: number,
      own: readonly [string, string][] = [],
      exemplar?: ParsedExemplar,
    ): ParsedSample => {
      const isCarried = this.#isOpenMetrics && exemplar !== undefined;
      return { name: name + suffix, labels: new Map([...labels, ...own]), value, ...(isCarried ? { exemplar } : {}) };
    };
    const created = (base: string): ParsedSample[] =>
      this.#hasCreated && createdSeconds !== undefined
        ? [{ name: `${base}_created`, labels: new Map(labels), value: createdSeconds }]
        : [];
    if ('states' in series)
      return Object.entries(series.states).map(([state, isOn]) => sample('', Number(isOn), [[name, state]]));
    if ('value' in series) {
      const exemplar = type === 'counter' ? exemplarOf(series.exemplar) : undefined;
      return [
        sample('', series.value, [], exemplar),
        ...(type === 'counter' ? created(name.slice(0, -'_total'.length)) : []),
      ];
    }
    if ('count' in series) {
      const quantiles = family.quantiles ?? [];
      const points = quantiles.map((quantile, i) =>
        sample('', series.quantileValues![i]!, [['quantile', canonicalFloat(quantile)]]),
      );
      const allowed = points.filter(({ value }) => !this.#isOpenMetrics || !(value < 0));
      const sums = this.#isOpenMetrics && !(series.sum >= 0) ? [] : [sample('_sum', series.sum)];
      return [...allowed, ...sums, sample('_count', series.count), ...created(name)];
    }
    const suffixes = type === 'gaugehistogram' && this.#isOpenMetrics ? ['_gsum', '_gcount'] : ['_sum', '_count'];
    let count = 0;
    const buckets = [...family.upperBounds!, Infinity].map((bound, i) => {
      count += series.bucketCounts[i]!;
      return sample('_bucket', count, [['le', canonicalFloat(bound)]], exemplarOf(series.exemplars?.[i]));
    });
    const totals = this.#mayHaveSum(family, series.sum)
      ? [sample(suffixes[0]!, series.sum), sample(suffixes[1]!, count)]
      : [];
    return [...buckets, ...totals, ...(type === 'histogram' ? created(name) : [])];
  }

  /** In OpenMetrics, a sum that could fall is none. */
  #mayHaveSum({ type, upperBounds }: CollectedFamily, sum: number): boolean {
    if (!this.#isOpenMetrics) return true;
    const [lowest = 0] = upperBounds!;
    return lowest < 0 ? type === 'gaugehistogram' && !Number.isNaN(sum) : sum >= 0;
  }

  /** A series that lacks a label has it with an empty value; constant labels come last. */
  #labels({ series }: CollectedFamily, index: number): [string, string][] {
    const names = new Set(series.flatMap(({ labels = {} }) => Object.keys(labels)));
    const own = [...names].map((name) => [name, String(series[index]!.labels?.[name] ?? '')] as const);
    return [...own, ...this.#constantLabels].map(([name, value]) => [this.#names.label(name), value]);
  }
}

const TEXT_TYPES: Readonly<Record<MetricType, ParsedFamily['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'unknown',
};

function exemplarOf(exemplar: CollectedExemplar | undefined): ParsedExemplar | undefined {
  if (exemplar === undefined) return undefined;
  const { labels, value, timestampSeconds } = exemplar;
  return {
    labels: new Map(Object.entries(labels) as [string, string][]),
    value,
    ...(timestampSeconds === undefined ? {} : { timestampSeconds }),
  };
}

function randomFamily(random: SeededRandom, n: number): CollectedFamily {
  const type = random.pick(TYPES);
  const unit = type === 'info' || type === 'stateset' || random.int(2) === 0 ? '' : 'bytes_per_second';
  const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  const name = `f${n}${random.text(4).replaceAll(':', '')}${unit === '' ? '' : `_${unit}`}${suffix}`;
  const createdSeconds = random.int(2) === 0 ? {} : { createdSeconds: random.int(2e12) / 1000 };
  // A carriage return at the end of a line is taken for a part of the line's end.
  const head = { name, help: `${random.text(20)}.`, type, unit, ...createdSeconds };
  const upperBounds = increasing(random, -20, 250);
  const quantiles = increasing(random, 0, 1);
  const labelNames = ['a', `b${random.text(3)}`, 'c.d'].filter(() => random.int(2) === 0);
  const series = Array.from({ length: random.int(4) }, (_, i) => {
    const labels = {
      ...Object.fromEntries(labelNames.filter(() => random.int(4) > 0).map((label) => [label, random.text(10)])),
      n: String(i),
    };
    switch (type) {
      case 'counter':
        return {
          labels,
          value: random.int(1e9) / 8,
          ...(random.int(2) === 0 ? {} : { exemplar: randomExemplar(random) }),
        };
      case 'info':
        return { labels, value: 1 };
      case 'stateset':
        return { labels, states: { [random.text(5)]: true, [`${random.text(3)} off`]: false } };
      case 'histogram':
      case 'gaugehistogram': {
        const bucketCounts = [...upperBounds, 0].map(() => random.int(100));
        const exemplars = bucketCounts.map((_, i) =>
          random.int(3) === 0 ? randomExemplar(random, within(upperBounds, i)) : undefined,
        );
        return { labels, bucketCounts, sum: random.pick(VALUES), ...(random.int(2) === 0 ? {} : { exemplars }) };
      }
      case 'summary':
        return {
          labels,
          quantileValues: quantiles.map(() => random.pick(VALUES)),
          sum: random.pick(VALUES),
          count: random.int(1e6),
        };
      default:
        return { labels, value: random.pick(VALUES) };
    }
  });
  return { ...head, upperBounds, quantiles, series };
}

function increasing(random: SeededRandom, from: number, to: number): number[] {
  const numbers = new Set(Array.from({ length: random.int(5) }, () => from + (random.int(1001) / 1000) * (to - from)));
  return [...numbers].sort((a, b) => a - b);
}

/** A value that falls into the bucket. */
function within(upperBounds: readonly number[], bucket: number): number {
  return upperBounds[bucket] ?? (upperBounds.at(-1) ?? 0) + 1;
}

function randomExemplar(random: SeededRandom, value = random.pick(VALUES)): CollectedExemplar {
  const labels = random.int(4) === 0 ? {} : { trace_id: random.text(20), span: random.text(20) };
  return { labels, value, ...(random.int(2) === 0 ? {} : { timestampSeconds: random.int(2e12) / 1000 }) };
}
