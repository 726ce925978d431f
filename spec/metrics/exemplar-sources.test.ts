import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram, MetricsRegistry, PrometheusExporter, register } from '../../lib/core.ts';
import type { ExemplarSource } from '../../lib/model/exemplar.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { readTextExposition } from '../support/read-text-exposition.ts';
import { turn } from '../support/turn.ts';

// Sources of the program's own: objects that may do and return anything.

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** The metrics that have exemplars, of a registry with this source. */
function metricsWith(next: ExemplarSource['next']) {
  const registry = new MetricsRegistry({ exemplars: { next } });
  const common = { help: 'H.', registers: [registry] };
  const total = new Counter({ ...common, name: 'a_total' });
  const classic = new Histogram({ ...common, name: 'b', buckets: [1, 2] });
  const native = new Histogram({ ...common, name: 'c', buckets: nativeBuckets() });
  let updates = 0;
  return {
    registry,
    /** Updates each metric, and checks that it counts. */
    update() {
      updates++;
      total.inc(3);
      classic.observe(1.5);
      native.observe(1.5);
      const counted = [total.labels().value, classic.labels().sum, native.labels().sum];
      assert.deepEqual(counted, [3 * updates, 1.5 * updates, 1.5 * updates]);
    },
    /** How many exemplars a scrape of OpenMetrics has; it and that of protobuf can be read. */
    async exemplars() {
      const exporter = new PrometheusExporter(registry);
      const text = new TextDecoder().decode(await exporter.render(OPENMETRICS));
      readTextExposition(text, true);
      assert.equal(decodeProtobuf(await exporter.render(PROTOBUF)).length, 3);
      return text.match(/ # \{/g)?.length ?? 0;
    },
  };
}

const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
const good = (value: number) => ({ labels: { trace_id: 'a' }, value, timestampSeconds: 1_700_000_000 });
const throwing = (name: string) =>
  Object.defineProperty({ ...good(1.5) }, name, {
    get() {
      throw new Error(name);
    },
  });

const FAULTS: Record<string, (value: number) => unknown> = {
  'throws an error': () => {
    throw new Error('no trace');
  },
  'throws null': () => {
    throw null;
  },
  'throws a revoked Proxy': () => {
    throw proxy;
  },
  'returns null': () => null,
  'returns a number': () => 7,
  'returns a text': () => 'trace',
  'returns a symbol': () => Symbol('trace'),
  'returns a function': () => () => good(1.5),
  'returns a revoked Proxy': () => proxy,
  'returns an empty object': () => ({}),
  'returns a promise that rejects': () => Promise.reject(new Error('asynchronous')),
  'returns a promise that never settles': () => new Promise(() => undefined),
  'returns labels that throw': () => throwing('labels'),
  'returns a value that throws': () => throwing('value'),
  'returns a time that throws': () => throwing('timestampSeconds'),
  'returns a read() that throws': () => throwing('read'),
  'returns a read() that is asynchronous': () => ({ read: async () => Promise.reject(new Error('asynchronous')) }),
  'returns a read() of nothing': () => ({ read: () => undefined }),
  'returns a read() of a text': () => ({ read: () => 'trace' }),
  'returns a label that throws': (value) => ({ ...good(value), labels: throwing('trace_id') }),
  'returns labels of null': (value) => ({ ...good(value), labels: null }),
  'returns labels that are too long': (value) => ({ ...good(value), labels: { trace_id: 'x'.repeat(129) } }),
  'returns a label with a name that is invalid': (value) => ({ ...good(value), labels: { 'trace id': 'a' } }),
  'returns a label with a value that is invalid': (value) => ({ ...good(value), labels: { trace_id: Symbol('a') } }),
  'returns a value of text': () => ({ ...good(1), value: 'one' }),
  'returns a value of NaN': () => good(NaN),
  'returns a time before 1970': (value) => ({ ...good(value), timestampSeconds: -1 }),
  'returns a time of text': (value) => ({ ...good(value), timestampSeconds: '1' }),
};

test('An exemplar source of the program may do anything: updates count, scrapes are readable, one warning', async (t) => {
  const warnings = await collectWarnings(t);
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  for (const [name, fault] of Object.entries(FAULTS)) {
    let isFaulty = true;
    const { update, exemplars } = metricsWith((_, value) => (isFaulty ? fault(value) : good(value)) as never);
    for (let i = 0; i < 3; i++) {
      update();
      assert.equal(await exemplars(), 0, name);
    }
    isFaulty = false;
    update();
    assert.equal(await exemplars(), 3, `${name}, and then a good one`);
    isFaulty = true;
    update();
    await exemplars();
  }
  await turn();
  assert.deepEqual(rejections, []);
  const [warning, ...others] = warnings.filter(({ code }) => code !== undefined);
  assert.equal(warning?.code, 'METRICS_EXEMPLARS');
  assert.equal(warning?.message, 'An exemplar is left out, and others may be: no trace');
  assert.deepEqual(others, []);
});

test('A histogram leaves out an exemplar of a source whose value does not lie in its bucket', async () => {
  let value = 1;
  const { update, exemplars, registry } = metricsWith(() => good(value));
  update();
  assert.equal(await exemplars(), 1, 'that of the counter');
  for (const [next, count] of [
    [2, 2], // the upper bound of the classic bucket is in it
    [2.001, 1],
    [1.5, 3],
    [7, 1],
  ] as const) {
    value = next;
    update();
    assert.equal(await exemplars(), count, `${next}`);
  }
  value = 1;
  const total = new Counter({ name: 'd_total', help: 'H.', registers: [registry] });
  total.inc();
  assert.deepEqual(total.labels().exemplar, good(1));
});

test('An exemplar source gets what it supplied, may change it in place, and scrapes see one object until it does', () => {
  const previous: unknown[] = [];
  const own = { labels: { n: 1 }, value: 0 };
  const answers: unknown[] = [own, own, undefined, null, { read: () => good(5) }];
  const { registry } = metricsWith(() => undefined);
  registry.clear();
  registry.exemplars = {
    next(_, value, before) {
      previous.push(before);
      own.value = value;
      return answers.shift() as never;
    },
  };
  const child = new Counter({ name: 'e_total', help: 'H.', labelNames: ['a'], registers: [registry] }).labels('1');
  child.inc(1);
  const first = child.exemplar;
  assert.deepEqual(first, { labels: { n: '1' }, value: 1, timestampSeconds: undefined });
  assert.equal(child.exemplar, first);
  own.labels.n = 2;
  child.inc(2);
  assert.deepEqual(child.exemplar, { labels: { n: '2' }, value: 2, timestampSeconds: undefined });
  assert.deepEqual(first!.labels, { n: '1' }, 'what was read does not change');
  for (const amount of [3, 4]) {
    child.inc(amount);
    assert.deepEqual(child.exemplar?.labels, { n: '2' }, 'nothing keeps the last');
  }
  child.inc(5);
  assert.deepEqual(child.exemplar, good(5));
  assert.deepEqual(previous, [undefined, own, own, own, own]);
});

test('An exemplar source may update the metric that asks it, remove its series and scrape its registry', async () => {
  let depth = 0;
  const registry = new MetricsRegistry({
    exemplars: {
      next(_, value) {
        depth++;
        assert.equal(depth, 1, 'it is not asked again meanwhile');
        total.inc({ a: 'x' }, 10);
        total.remove({ a: 'x' });
        total.inc({ a: 'x' }, 100);
        void registry.metrics();
        depth--;
        return good(value);
      },
    },
  });
  const total: Counter<'a'> = new Counter({ name: 'a_total', help: 'H.', labelNames: ['a'], registers: [registry] });
  total.inc({ a: 'x' });
  const text = new TextDecoder().decode(await new PrometheusExporter(registry).render(OPENMETRICS));
  // As if it had removed the series right after the update.
  assert.match(text, /^a_total\{a="x"\} 100$/m);
  const held = total.labels('x');
  held.inc();
  assert.deepEqual([held.value, held.exemplar], [101, good(1)], 'a child that is held comes back');
});

test('MetricsRegistry.exemplars is set before metrics are created, to a source', () => {
  const registry = new MetricsRegistry();
  assert.throws(() => {
    registry.exemplars = (() => ({})) as never;
  }, /^TypeError: Cannot set exemplars: expected a source before metrics are created, got a value of type function after 0\.$/);
  const source = { next: () => undefined };
  registry.exemplars = source;
  new Counter({ name: 'a_total', help: 'H.', registers: [registry] });
  assert.equal(registry.exemplars, source);
  assert.throws(() => {
    registry.exemplars = source;
  }, /got a value of type object after 1\.$/);
  registry.exemplars = undefined;
  const later = new Counter({ name: 'b_total', help: 'H.', labelNames: ['a'], registers: [registry] });
  assert.equal(Object.getPrototypeOf(later.labels('1')).constructor.name, 'CounterChild');
  assert.equal(register.exemplars, undefined);
});
