import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import type { CollectedFamily } from '../../lib/model/collector.ts';
import type { Family } from '../../lib/model/family.ts';
import { type ParsedFamily, type ParsedSample, parse } from '../../lib/parse/index.ts';
import { canonicalFloat } from '../support/canonical-float.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { withMaps } from '../support/with-maps.ts';

// Random registries, written by the encoder: the parser must give back what the registry holds, and agree with the
// independent parser of spec/support.

const REGISTRIES = 150;
const LABEL_NAMES = ['a', 'b', '_c', 'method', 'Status9', 'a_rather_long_label_name'] as const;
// Not -0, which the encoder writes as 0.
const VALUES = [0, 1, -1, 0.1, 1 / 3, 2 ** 53, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, NaN, Infinity, -Infinity];

test('parse() gives back what random registries hold, and agrees with the independent parser', async () => {
  const random = new SeededRandom(4);
  for (let i = 0; i < REGISTRIES; i++) {
    const registry = randomRegistry(random);
    const bytes = await new PrometheusExporter(registry).render();
    const families = withMaps(parse(bytes));
    assert.deepEqual(families, (await registry.gather()).filter(({ series }) => series.length > 0).map(expectedFamily));
    assert.deepEqual(
      families,
      parseExposition(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)).map(asParsed),
    );
  }
});

function randomRegistry(random: SeededRandom): MetricsRegistry {
  const constantLabels = random.int(2) === 0 ? {} : { zone: random.text(8), le_: random.text(3) };
  const registry = new MetricsRegistry({ constantLabels });
  const families = Array.from({ length: random.int(6) }, (_, i) => randomFamily(random, i));
  registry.registerCollector({ name: 'random', collect: () => families });
  addInstruments(registry, random);
  return registry;
}

function addInstruments(registry: MetricsRegistry, random: SeededRandom): void {
  const options = { help: randomHelp(random), labelNames: ['x', 'y'], registers: [registry] };
  const counter = new Counter({ ...options, name: 'instruments_total' });
  const gauge = new Gauge({ ...options, name: 'instruments:gauge' });
  const histogram = new Histogram({ ...options, name: '_instruments_seconds', buckets: [-0.5, 0, 1e-7, 2] });
  for (let i = random.int(8); i > 0; i--) {
    const labels = { x: random.text(10), y: random.int(3) };
    counter.inc(labels, random.int(1000));
    gauge.set(labels, random.pick(VALUES));
    histogram.observe(labels, random.next() * 4 - 1);
  }
}

function randomFamily(random: SeededRandom, i: number): CollectedFamily {
  const name = `f${i}${random.pick(['', '_total', ':x', '_SECONDS', '_bucket'])}`;
  const head = { name, help: randomHelp(random) };
  const labelNames = LABEL_NAMES.filter(() => random.int(3) === 0);
  const labelSets = Array.from({ length: random.int(5) }, (_, n) => randomLabels(random, labelNames, n));
  if (random.int(3) > 0) {
    const type = random.pick(['counter', 'gauge', 'unknown'] as const);
    const value = () => (type === 'counter' ? random.int(1e6) : random.pick(VALUES));
    return { ...head, type, series: labelSets.map((labels) => ({ labels, value: value() })) };
  }
  const upperBounds = [...new Set(Array.from({ length: random.int(5) }, () => random.int(2000) / 8 - 20))];
  upperBounds.sort((a, b) => a - b);
  const series = labelSets.map((labels) => ({
    labels,
    bucketCounts: Array.from({ length: upperBounds.length + 1 }, () => random.int(100)),
    sum: random.pick(VALUES),
  }));
  return { ...head, type: 'histogram', upperBounds, series };
}

/** Different for each `n`, and with some label missing now and then. */
function randomLabels(random: SeededRandom, names: readonly string[], n: number): Record<string, string> {
  const labels = Object.fromEntries(names.filter(() => random.int(5) > 0).map((name) => [name, random.text(12)]));
  return { ...labels, n: String(n) };
}

/** The independent parser refuses a carriage return at the end of a line, wherever it comes from. */
function randomHelp(random: SeededRandom): string {
  return `${random.text(30)}.`;
}

function expectedFamily(family: Family): ParsedFamily {
  const { name, help, type } = family;
  return { name, type, help, unit: '', samples: expectedSamples(family) };
}

function expectedSamples(family: Family): ParsedSample[] {
  const { name, labelNames, constantLabels } = family;
  const labelsOf = (values: readonly string[]): [string, string][] => [
    ...values.map((value, i): [string, string] => [labelNames[i]!, value]),
    ...constantLabels.map(([label, value]): [string, string] => [label, value]),
  ];
  if (family.type === 'counter' || family.type === 'gauge' || family.type === 'unknown') {
    return family.series.map(({ labelValues, value }) => ({ name, labels: new Map(labelsOf(labelValues)), value }));
  }
  assert.ok(family.type === 'histogram');
  return family.series.flatMap(({ labelValues, bucketCounts, sum }) => {
    const labels = labelsOf(labelValues);
    let count = 0;
    const buckets = [...family.upperBounds, Infinity].map((bound, i) => ({
      name: `${name}_bucket`,
      labels: new Map([...labels, ['le', canonicalFloat(bound)] as [string, string]]),
      value: (count += bucketCounts[i]!),
    }));
    return [
      ...buckets,
      { name: `${name}_sum`, labels: new Map(labels), value: sum },
      { name: `${name}_count`, labels: new Map(labels), value: count },
    ];
  });
}

function asParsed({ name, type, help, samples }: ReturnType<typeof parseExposition>[number]): ParsedFamily {
  return { name, type: type === 'untyped' ? 'unknown' : type, help, unit: '', samples };
}
