import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { turn } from '../support/turn.ts';

test('a slow reader of a scrape gets what a collector returned, though it uses its arrays again', async () => {
  const registry = new MetricsRegistry();
  const many = new Gauge({ name: 'many', help: 'M.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 500; i++) many.set({ i }, i);
  const series = [{ labels: { l: 'x' }, bucketCounts: [0, 0], sum: 0 }];
  registry.registerCollector({
    name: 'sizes',
    collect: () => {
      series[0]!.bucketCounts[0]!++;
      series[0]!.sum++;
      return [{ name: 'sizes', help: 'S.', type: 'histogram', upperBounds: [1], series }];
    },
  });
  let text = '';
  for await (const chunk of new PrometheusExporter(registry, { chunkBytes: 1024 }).chunks()) {
    if (text === '') await registry.metrics();
    text += new TextDecoder().decode(chunk);
  }
  assert.match(text, /sizes_bucket\{l="x",le="\+Inf"\} 1\nsizes_sum\{l="x"\} 1\nsizes_count\{l="x"\} 1\n$/);
});

test('a slow reader of a scrape gets what an async collect left, whatever the next scrape does to the metric', async () => {
  const registry = new MetricsRegistry();
  const many = new Gauge({ name: 'many', help: 'M.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 500; i++) many.set({ i }, i);
  let run = 0;
  new Gauge({
    name: 'pool',
    help: 'P.',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      run++;
      this.reset();
      for (const kind of ['a', 'b', 'c']) {
        await turn();
        this.set({ kind }, run);
      }
    },
  });
  new Histogram({
    name: 'sizes',
    help: 'S.',
    buckets: [1, 10],
    registers: [registry],
    async collect() {
      this.reset();
      await turn();
      for (let i = 0; i < run; i++) this.observe(i * 5);
    },
  });
  const exporter = new PrometheusExporter(registry, { chunkBytes: 1024 });
  const expected = (n: number): string => {
    const below = (bound: number) =>
      Array.from({ length: n }, (_, i) => i * 5).filter((value) => value <= bound).length;
    return `# HELP pool P.
# TYPE pool gauge
pool{kind="a"} ${n}
pool{kind="b"} ${n}
pool{kind="c"} ${n}

# HELP sizes S.
# TYPE sizes histogram
sizes_bucket{le="1.0"} ${below(1)}
sizes_bucket{le="10.0"} ${below(10)}
sizes_bucket{le="+Inf"} ${n}
sizes_sum ${(5 * n * (n - 1)) / 2}
sizes_count ${n}
`;
  };
  const read = async (turnsBetweenChunks: number): Promise<string> => {
    let text = '';
    for await (const chunk of exporter.chunks()) {
      text += new TextDecoder().decode(chunk);
      for (let i = 0; i < turnsBetweenChunks; i++) await turn();
    }
    parseExposition(text);
    return text.slice(text.indexOf('# HELP pool'));
  };
  const slow = read(3);
  for (let i = 0; i < 5; i++) await turn(); // its run has ended, its first chunks are read
  assert.equal(await read(0), expected(2));
  assert.equal(await read(0), expected(3));
  assert.equal(await slow, expected(1));
});
