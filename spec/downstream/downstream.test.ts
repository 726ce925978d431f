import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { comparableSamples } from './comparable-samples.ts';
import { runInTree, whyNoTrees } from './trees.ts';

// Packages that use prom-client, as they come from npm, each run on prom-client and on this library in its place. What they
// expose must be the same but for what is told here; docs/migrating-from-prom-client.md says why.

interface Package {
  /** What it is driven by, of spec/downstream/programs. */
  readonly program: string;
  /** Samples that only prom-client exposes, and that only this library exposes: each of them matches, and matches one. */
  readonly there?: RegExp;
  readonly here?: RegExp;
  /** How many series it exposes at least, default metrics left out. */
  readonly samples: number;
}

interface Output {
  readonly text: string;
  readonly left?: unknown;
  readonly json?: readonly { readonly name: string; readonly type: string; readonly values: readonly object[] }[];
}

const PACKAGES: Readonly<Record<string, Package>> = {
  'express-prom-bundle': { program: 'express-prom-bundle.cjs', samples: 25 },
  // Its summary asks for no quantiles.
  'fastify-metrics': { program: 'fastify-metrics.cjs', samples: 10, there: /^http_request_summary_seconds\{quantile=/ },
  '@willsoto/nestjs-prometheus': { program: 'nestjs-prometheus.cjs', samples: 15 },
  'opossum-prometheus': { program: 'opossum-prometheus.cjs', samples: 7, there: /^shop_circuit_perf\{.*quantile=/ },
  'prometheus-api-metrics': { program: 'prometheus-api-metrics.cjs', samples: 60 },
  '@hono/prometheus': { program: 'hono-prometheus.mjs', samples: 30 },
  // Of a kind of collection that it does not know it tells `undefined`.
  'prometheus-gc-stats': {
    program: 'prometheus-gc-stats.cjs',
    samples: 7,
    there: /gctype="undefined"/,
    here: /gctype=""/,
  },
  'bull-prom': { program: 'bull-prom.cjs', samples: 7, there: /^jobs_duration_milliseconds\{quantile=/ },
};

/** Default metrics that this library has in addition. */
const NEW_DEFAULT_METRICS =
  /_virtual_memory_max_bytes$|_threads$|nodejs_eventloop_utilization$|nodejs_eventloop_time_seconds_total$/;
/** Those that it leaves out while they have no series. */
const EMPTY_DEFAULT_METRICS = /nodejs_active_(handles|requests|resources)$/;
const DEFAULT_METRIC = /^(shop_)?(opossum_)?(process|nodejs)_(?!gc_(runs|pause|reclaimed))/;

const skip = whyNoTrees();

for (const [name, { program, there, here, samples }] of Object.entries(PACKAGES)) {
  test(`${name} exposes on this library what it exposes on prom-client`, { skip }, () => {
    const [onPromClient, onOurs] = [
      runInTree('prom-client', program) as Output,
      runInTree('override', program) as Output,
    ];
    const [expected, got] = [comparableSamples(onPromClient.text), comparableSamples(onOurs.text)].map((lines) =>
      lines.filter((line) => !DEFAULT_METRIC.test(line)),
    );
    assert.ok(got!.length >= samples, `${got!.length} samples`);
    assertMatched(
      expected!.filter((line) => !got!.includes(line)),
      there,
    );
    assertMatched(
      got!.filter((line) => !expected!.includes(line)),
      here,
    );
    assert.deepEqual(onOurs.left, onPromClient.left);
    assertSameHeads(onPromClient.text, onOurs.text);
  });
}

test('prometheus-api-metrics serves the same JSON, by getMetricsAsJSON()', { skip }, () => {
  const [expected, got] = (['prom-client', 'override'] as const).map((tree) => {
    const { json = [] } = runInTree(tree, 'prometheus-api-metrics.cjs') as Output;
    return json
      .filter(({ name }) => !DEFAULT_METRIC.test(name))
      .map(({ name, type, values }) => [name, type, values.length]);
  });
  assert.ok(expected!.length >= 4);
  assert.deepEqual(got, expected);
});

function assertMatched(lines: readonly string[], pattern: RegExp | undefined): void {
  assert.deepEqual(
    lines.filter((line) => pattern === undefined || !pattern.test(line)),
    [],
  );
  assert.equal(lines.length > 0, pattern !== undefined, 'a difference that is told is there');
}

/** The families have the same type and help, and the default metrics differ by those that are told. */
function assertSameHeads(expectedText: string, gotText: string): void {
  const [expected, got] = [expectedText, gotText].map(
    (text) => new Map(parse(text).map(({ name, type, help }) => [name, `${type} ${help}`])),
  );
  for (const [name, head] of expected!) {
    if (!got!.has(name)) assert.match(name, EMPTY_DEFAULT_METRICS);
    else assert.equal(got!.get(name), head, name);
  }
  for (const name of got!.keys()) if (!expected!.has(name)) assert.match(name, NEW_DEFAULT_METRICS);
}
