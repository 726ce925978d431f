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
  /** Samples whose value is another in each run, beside times. */
  readonly varying?: RegExp;
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
  'fastify-metrics': { program: 'fastify-metrics.cjs', samples: 10 },
  '@willsoto/nestjs-prometheus': { program: 'nestjs-prometheus.cjs', samples: 15 },
  'opossum-prometheus': { program: 'opossum-prometheus.cjs', samples: 7 },
  'prometheus-api-metrics': { program: 'prometheus-api-metrics.cjs', samples: 60 },
  '@hono/prometheus': { program: 'hono-prometheus.mjs', samples: 30 },
  // Of a kind of collection that it does not know it tells `undefined`.
  'prometheus-gc-stats': {
    program: 'prometheus-gc-stats.cjs',
    samples: 7,
    there: /gctype="undefined"/,
    here: /gctype=""/,
  },
  'fastify-metrics 14 on @prometheus-io/client': {
    program: 'fastify-metrics-14.cjs',
    samples: 10,
  },
  'express-prom-bundle in a cluster': {
    program: 'express-prom-bundle-cluster.cjs',
    samples: 9,
    here: /^metrics_client_/,
  },
  '@libp2p/prometheus-metrics': { program: 'libp2p-prometheus-metrics.mjs', samples: 40 },
  'swagger-stats': { program: 'swagger-stats.cjs', samples: 40 },
  '@promster/express': { program: 'promster-express.cjs', samples: 20 },
  // It leaves out labels of errors, and tells `undefined` of a request that cannot be parsed.
  '@graphql-yoga/plugin-prometheus': {
    program: 'graphql-yoga.mjs',
    samples: 200,
    varying: /^graphql_\w+(_bucket|_sum|_summary)$/,
    there: /="undefined"|^graphql_envelop_error_result\{.*phase="validate"/,
    here: /=""/,
  },
  'nice-grpc-prometheus': { program: 'nice-grpc-prometheus.cjs', samples: 50 },
  'socket.io-prometheus': { program: 'socket.io-prometheus.cjs', samples: 7 },
  '@bentocache/plugin-prometheus': { program: 'bentocache-plugin-prometheus.mjs', samples: 6 },
  '@tryghost/prometheus-metrics': { program: 'tryghost-prometheus-metrics.cjs', samples: 15 },
  '@chainsafe/prometheus-gc-stats': {
    program: 'chainsafe-prometheus-gc-stats.mjs',
    samples: 5,
    varying: /^shop_nodejs_gc_/,
  },
  'bull-prom': { program: 'bull-prom.cjs', samples: 7 },
};

/** Default metrics that this library has in addition, and what an aggregator says of itself. */
const NEW_METRICS =
  /_virtual_memory_max_bytes$|_heap_size_limit_bytes$|_threads$|nodejs_eventloop_utilization$|nodejs_eventloop_time_seconds_total$|^metrics_client_/;
/** Those of `@prometheus-io/client` that it replaces, and those that may have no series when this library is asked. */
const ABSENT_METRICS = /nodejs_eventloop_utilization_(summary|histogram)$|nodejs_active_(handles|requests|resources)$/;
const DEFAULT_METRIC = /^(shop_)?(opossum_)?(ghost_)?(process|nodejs)_(?!gc_(runs|pause|reclaimed))/;

const skip = whyNoTrees();

for (const [name, { program, there, here, varying, samples }] of Object.entries(PACKAGES)) {
  test(`${name} exposes on this library what it exposes on prom-client`, { skip }, () => {
    const [onPromClient, onOurs] = [
      runInTree('prom-client', program) as Output,
      runInTree('override', program) as Output,
    ];
    const [expected, got] = [onPromClient, onOurs].map(({ text }) =>
      comparableSamples(text, varying).filter((line) => !DEFAULT_METRIC.test(line)),
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

/**
 * The families have the same type and help, and differ by those that are told. One without series is exposed on prom-client
 * alone.
 */
function assertSameHeads(expectedText: string, gotText: string): void {
  const [expected, got] = [expectedText, gotText].map(
    (text) => new Map(parse(text).map((family) => [family.name, family] as const)),
  );
  for (const [name, { type, help, samples }] of expected!) {
    const family = got!.get(name);
    if (family === undefined) assert.ok(samples.length === 0 || ABSENT_METRICS.test(name), name);
    else assert.deepEqual([family.type, family.help], [type, help], name);
  }
  for (const name of got!.keys()) if (!expected!.has(name)) assert.match(name, NEW_METRICS);
}
