import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  Counter,
  Gauge,
  Histogram,
  Info,
  type Metric,
  MetricsRegistry,
  PrometheusExporter,
  StateSet,
} from '../../lib/core.ts';
import { Slice } from '../../lib/exposition/exposition-writer.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { parse } from '../../lib/parse/index.ts';
import { Summary } from '../../lib/summary.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { readOpenMetrics2 } from '../support/read-openmetrics2.ts';

// Families that change between two slices of a scrape: each kind of family, each format, each change, at each pause.

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const OPENMETRICS_2 = 'application/openmetrics-text;version=2.0.0';
const FORMATS = ['text/plain', OPENMETRICS, OPENMETRICS_2, PROTOBUF] as const;

/** A metric under test, whose series have one label `i`. */
interface Subject {
  readonly registry: MetricsRegistry;
  /** How many series it has at first. */
  readonly count: number;
  /** The values of the label that a state set adds; otherwise one empty text. */
  readonly states: readonly string[];
  /** Updates a series, which creates it; the round decides what is observed and, if there are any, the exemplar. */
  update(i: string, round: number): void;
  remove(i: string): void;
  clear(): void;
}

/** More series than are written in one step: of one line each, and of several. */
const ONE_LINE = { count: 150, states: [''] };
const LONG = { count: 26, states: [''] };

const KINDS: Readonly<Record<string, () => Subject>> = {
  counter() {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'x_total', help: 'X.', labelNames: ['i'], registers: [registry] });
    return {
      ...ONE_LINE,
      registry,
      update: (i, round) => counter.inc({ i }, 10 ** round),
      remove: (i) => void counter.remove(i),
      clear: () => counter.clear(),
    };
  },
  'counter with exemplars'() {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'x_total', help: 'X.', labelNames: ['i'], registers: [registry] });
    const update = (i: string, round: number): void =>
      counter.labels(i).inc(10 ** round, { trace_id: 't'.repeat(1 + 40 * round) });
    return { ...ONE_LINE, registry, update, remove: (i) => void counter.remove(i), clear: () => counter.clear() };
  },
  'counter whose first exemplar comes late'() {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'x_total', help: 'X.', labelNames: ['i'], registers: [registry] });
    const update = (i: string, round: number): void =>
      counter.labels(i).inc(1, round === 0 ? undefined : { trace_id: 't' });
    return { ...ONE_LINE, registry, update, remove: (i) => void counter.remove(i), clear: () => counter.clear() };
  },
  gauge() {
    const registry = new MetricsRegistry();
    const gauge = new Gauge({ name: 'x', help: 'X.', labelNames: ['i'], registers: [registry] });
    return {
      ...ONE_LINE,
      registry,
      update: (i, round) => gauge.set({ i }, Math.PI * 1000 ** round),
      remove: (i) => void gauge.remove(i),
      clear: () => gauge.clear(),
    };
  },
  histogram() {
    const registry = new MetricsRegistry();
    const histogram = new Histogram({
      name: 'x',
      help: 'X.',
      labelNames: ['i'],
      buckets: [1, 2],
      registers: [registry],
    });
    return {
      ...LONG,
      registry,
      update: (i, round) => histogram.observe({ i }, round),
      remove: (i) => void histogram.remove(i),
      clear: () => histogram.clear(),
    };
  },
  'histogram with exemplars'() {
    const registry = new MetricsRegistry();
    const histogram = new Histogram({
      name: 'x',
      help: 'X.',
      labelNames: ['i'],
      buckets: [1, 2],
      registers: [registry],
    });
    const update = (i: string, round: number): void =>
      histogram.labels(i).observe(round, { trace_id: 't'.repeat(1 + 40 * round) });
    return { ...LONG, registry, update, remove: (i) => void histogram.remove(i), clear: () => histogram.clear() };
  },
  'native histogram with exemplars'() {
    const registry = new MetricsRegistry();
    const buckets = nativeBuckets({ bucketFactor: 1.1 });
    const histogram = new Histogram({ name: 'x', help: 'X.', labelNames: ['i'], buckets, registers: [registry] });
    const update = (i: string, round: number): void =>
      histogram.labels(i).observe(1.5 ** round, { trace_id: 't'.repeat(1 + 40 * round) });
    return { ...LONG, registry, update, remove: (i) => void histogram.remove(i), clear: () => histogram.clear() };
  },
  summary() {
    const registry = new MetricsRegistry();
    const summary = new Summary({
      name: 'x',
      help: 'X.',
      labelNames: ['i'],
      percentiles: [0.5, 0.9],
      registers: [registry],
    });
    return {
      ...LONG,
      registry,
      update: (i, round) => summary.observe({ i }, round),
      remove: (i) => void summary.remove(i),
      clear: () => summary.clear(),
    };
  },
  info() {
    const registry = new MetricsRegistry();
    const info = new Info({ name: 'x_info', help: 'X.', labelNames: ['i'], registers: [registry] });
    return {
      ...ONE_LINE,
      registry,
      update: (i) => info.add({ i }),
      remove: (i) => void info.remove(i as never),
      clear: () => info.clear(),
    };
  },
  'state set'() {
    const registry = new MetricsRegistry();
    const states = new StateSet({
      name: 'x',
      help: 'X.',
      labelNames: ['i'],
      states: ['on', 'off'],
      registers: [registry],
    });
    return {
      ...ONE_LINE,
      states: ['on', 'off'],
      registry,
      update: (i, round) => states.set({ i }, 'on', round === 1),
      remove: (i) => void states.remove(i),
      clear: () => states.clear(),
    };
  },
  'foreign counter'() {
    const series = new Map<string, { labelValues: string[]; value: number; exemplar: object | undefined }>();
    const update = (i: string, round: number): void => {
      const exemplar = { labels: { trace_id: 't'.repeat(1 + 40 * round) }, value: 1, timestampSeconds: round };
      series.set(i, { labelValues: [i], value: 10 ** round, exemplar });
    };
    return foreignSubject('counter', series, update, { createdSeconds: 5, hasExemplars: true });
  },
  'foreign gauge histogram'() {
    const series = new Map<string, object>();
    const update = (i: string, round: number): void =>
      void series.set(i, { labelValues: [i], bucketCounts: [round, 2], sum: round });
    return foreignSubject('gaugehistogram', series, update, { upperBounds: [1] });
  },
  'foreign summary'() {
    const series = new Map<string, object>();
    const update = (i: string, round: number): void =>
      void series.set(i, { labelValues: [i], quantileValues: [round], sum: 1, count: 2 });
    return foreignSubject('summary', series, update, { quantiles: [0.5], createdSeconds: 7 });
  },
};

/** A metric of another class than ours: each look at its series gives another array. */
function foreignSubject(
  type: Metric['type'],
  byLabel: Map<string, object>,
  update: Subject['update'],
  more: Partial<Metric>,
): Subject {
  const registry = new MetricsRegistry();
  const metric = {
    name: type === 'counter' ? 'x_total' : 'x',
    help: 'X.',
    type,
    unit: '',
    labelNames: ['i'],
    overflowedUpdates: 0,
    ...more,
    get series() {
      return [...byLabel.values()];
    },
  };
  registry.register(metric as unknown as Metric);
  return { ...ONE_LINE, registry, update, remove: (i) => void byLabel.delete(i), clear: () => byLabel.clear() };
}

/** What happens between two slices. With `keepsHalf` the second half of the series stays, and must be in the scrape. */
const CHANGES: Readonly<Record<string, { readonly keepsHalf: boolean; change(subject: Subject): void }>> = {
  'a series is removed': { keepsHalf: true, change: ({ remove }) => remove('3') },
  'a series is removed and created again': {
    keepsHalf: true,
    change({ remove, update }) {
      remove('3');
      update('3', 1);
    },
  },
  'as many series join as leave': {
    keepsHalf: true,
    change({ remove, update }) {
      for (let i = 0; i < 10; i++) {
        remove(String(i));
        update(`new ${i}`, 2);
      }
    },
  },
  'half of the series leave': {
    keepsHalf: true,
    change({ remove, count }) {
      for (let i = 0; i < count / 2; i++) remove(String(i));
    },
  },
  'every series changes': {
    keepsHalf: true,
    change({ update, count }) {
      for (let i = 0; i < count; i++) update(String(i), 2);
    },
  },
  'series join': {
    keepsHalf: true,
    change({ update }) {
      for (let i = 0; i < 200; i++) update(`a new one ${i}`, 1);
    },
  },
  'all are cleared, and half of them created again': {
    keepsHalf: false,
    change({ clear, update, count }) {
      clear();
      for (let i = 0; i < count / 2; i++) update(String(i), 1);
    },
  },
  'the constant labels change': {
    keepsHalf: true,
    change({ registry }) {
      registry.setDefaultLabels({ zone: 'a longer one than before' });
    },
  },
};

/** Ends each slice at its first pause, and runs `between` before the next begins; returns a function that counts them. */
function betweenSlices(t: TestContext, between: (pause: number) => void): { pauses: number } {
  const state = { pauses: 0 };
  let milliseconds = 0;
  t.mock.method(performance, 'now', () => ++milliseconds);
  t.mock.method(Slice.prototype, 'next', async () => between(state.pauses++));
  return state;
}

for (const [kind, createSubject] of Object.entries(KINDS)) {
  for (const accept of FORMATS) {
    test(`a scrape bears any change between its slices: ${kind}, ${titleOf(accept)}`, async (t) => {
      for (const title of Object.keys(CHANGES)) {
        for (let pause = 0, pauses = 1; pause < pauses; pause++)
          ({ pauses } = await scrapeWithChange(t, createSubject(), { title, accept, pause }));
      }
    });

    test(`a scrape bears any change and another scrape between its slices: ${kind}, ${titleOf(accept)}`, async (t) => {
      for (const title of [
        'a series is removed and created again',
        'as many series join as leave',
        'every series changes',
      ]) {
        for (const otherAccept of FORMATS) {
          for (const pause of [0, 1, 5])
            await scrapeWithChange(t, createSubject(), { title, accept, pause, otherAccept });
        }
      }
    });
  }
}

function titleOf(accept: string): string {
  return accept.split(/;proto/)[0]!;
}

interface ChangingScrape {
  readonly title: string;
  readonly accept: string;
  /** The pause at which the change is made. */
  readonly pause: number;
  /** The format of a scrape that begins in the same pause. */
  readonly otherAccept?: string;
}

/** Scrapes while a subject changes, and checks what was read; returns how many pauses there were. */
async function scrapeWithChange(
  t: TestContext,
  subject: Subject,
  { title, accept, pause, otherAccept }: ChangingScrape,
): Promise<{ pauses: number }> {
  const { change, keepsHalf } = CHANGES[title]!;
  const { registry, count } = subject;
  const exporter = new PrometheusExporter(registry, { chunkBytes: 1024, createdLines: true });
  for (let i = 0; i < count; i++) subject.update(String(i), 0);
  if (pause % 2 === 1) await exporter.render(accept); // now there are caches
  let other: Promise<Uint8Array> | undefined;
  const slices = betweenSlices(t, (now) => {
    if (now !== pause || other !== undefined) return;
    change(subject);
    if (otherAccept !== undefined) other = exporter.render(otherAccept);
  });
  const what = `${title}, pause ${pause}, ${otherAccept ?? 'alone'}`;
  const read = readOnce(await exporter.render(accept), accept, what);
  if (keepsHalf) {
    const expected = [...Array(count).keys()]
      .slice(count / 2)
      .flatMap((i) => subject.states.map((state) => `${i} ${state}`));
    for (const one of expected) assert.ok(read.has(one), `${what}: ${one} is missing`);
  }
  if (other !== undefined) readOnce(await other, otherAccept!, `${what}, the other scrape`);
  t.mock.restoreAll();
  readOnce(await exporter.render(accept), accept, `${what}, the next scrape`);
  return slices;
}

/** Reads an exposition by an independent reader; returns the label `i`, and the state if there is one, of each series. */
function readOnce(bytes: Uint8Array, accept: string, what: string): Set<string> {
  const all = labelsOf(bytes, accept).map((labels) => `${labels.i} ${labels.x ?? ''}`);
  const once = new Set(all);
  assert.equal(once.size, all.length, `${what}: a series twice`);
  return once;
}

/** The labels of each series. One sample stands for it, of which the readers have checked that it is there once. */
function labelsOf(bytes: Uint8Array, accept: string): { readonly i?: string; readonly x?: string }[] {
  if (accept === PROTOBUF) return decodeProtobuf(bytes).flatMap(({ metrics }) => metrics.map(({ labels }) => labels));
  if (accept === OPENMETRICS_2) {
    const families = readOpenMetrics2(new TextDecoder().decode(bytes));
    return families.flatMap(({ samples }) => samples.map(({ labels }) => Object.fromEntries(labels)));
  }
  const families = accept === OPENMETRICS ? parse(bytes, accept) : parseExposition(new TextDecoder().decode(bytes));
  const samples = families.flatMap((family) => family.samples);
  const hasCounts = samples.some(({ name }) => name.endsWith('count'));
  const ofSeries = samples.filter(({ name }) => (hasCounts ? name.endsWith('count') : !name.endsWith('_created')));
  return ofSeries.map(({ labels }) => Object.fromEntries(labels));
}
