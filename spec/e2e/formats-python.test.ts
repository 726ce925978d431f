import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type MetricsRegistry, PrometheusExporter } from '@finpilot/metrics';
import { type ParsedExemplar, type ParsedFamily, parse } from '@finpilot/metrics/parse';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { EVERY_TYPE } from './every-type.ts';
import { randomRegistry } from './random-registry.ts';
import { type PythonExemplar, type PythonFamily, readByPython } from './read-by-python.ts';

// What we write, read by our parser and by the one of Python's client, which others wrote: they must agree on each sample.

const SYSTEM = 'python3-prometheus-client';
const SEEDS = 300;
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const TEXT = 'text/plain;version=0.0.4';

/** An exposition, and what our parser makes of it. */
interface Exposition {
  readonly text: string;
  readonly families: readonly ParsedFamily[];
}

/** The registries, the one with everything first. */
function registries(): MetricsRegistry[] {
  return [
    EVERY_TYPE.createRegistry(),
    ...Array.from({ length: SEEDS }, (_, seed) => randomRegistry(new SeededRandom(seed))),
  ];
}

async function expositionOf(registry: MetricsRegistry, accept: string, createdLines: boolean): Promise<Exposition> {
  const exporter = new PrometheusExporter(registry, { createdLines });
  const text = new TextDecoder().decode(await exporter.render(accept));
  return { text, families: parse(text, exporter.contentType(accept)) };
}

/** What can be compared. In text 0.0.4, Python names counters and their samples as OpenMetrics does. */
function comparable({ name, type, help, unit, samples }: ParsedFamily | PythonFamily): unknown {
  const base = (text: string): string => (type === 'counter' ? text.replace(/(_total)+$/, '') : text);
  return {
    name: base(name),
    type,
    help,
    unit,
    samples: samples.map((sample) => ({
      name: base(sample.name),
      labels: labelsOf(sample.labels),
      value: sample.value,
      exemplar: sample.exemplar && exemplarOf(sample.exemplar),
    })),
  };
}

function exemplarOf({ labels, value, timestampSeconds }: ParsedExemplar | PythonExemplar): unknown {
  return { labels: labelsOf(labels), value, timestampSeconds };
}

function labelsOf(labels: ReadonlyMap<string, string> | Readonly<Record<string, string>>): [string, string][] {
  return Symbol.iterator in labels ? [...labels] : Object.entries(labels);
}

async function compare(program: RealProgram, t: TestContext, accept: string): Promise<void> {
  const expositions = await Promise.all(registries().map((registry, i) => expositionOf(registry, accept, i % 2 === 1)));
  const isOpenMetrics = accept === OPENMETRICS;
  const read = readByPython(
    program,
    expositions.map(({ text }) => ({ text, isOpenMetrics })),
    temporaryFolder(t),
  );
  for (const [i, { text, families }] of expositions.entries()) {
    const ofPython = read[i]!;
    assert.ok(typeof ofPython !== 'string', `registry ${i}: ${ofPython}\n${text}`);
    assert.deepEqual(ofPython.map(comparable), families.map(comparable), `registry ${i}`);
  }
  const samples = expositions.flatMap(({ families }) => families.flatMap((family) => family.samples));
  const exemplars = samples.filter(({ exemplar }) => exemplar !== undefined);
  assert.ok(samples.length > 10 * SEEDS);
  assert.equal(exemplars.length > SEEDS, isOpenMetrics);
  t.diagnostic(`${expositions.length} expositions, ${samples.length} samples, ${exemplars.length} exemplars`);
}

testOnEach(
  SYSTEM,
  "Python's client reads our OpenMetrics, and agrees with parse() on each sample and exemplar",
  (program, t) => {
    return compare(program, t, OPENMETRICS);
  },
);

testOnEach(SYSTEM, "Python's client reads our text 0.0.4, and agrees with parse() on each sample", (program, t) => {
  return compare(program, t, TEXT);
});
