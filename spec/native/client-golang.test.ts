import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PrometheusExporter } from '../../lib/exposition/prometheus-exporter.ts';
import { Histogram } from '../../lib/metrics/histogram.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import type { NativeBucketsOptions } from '../../lib/native/native-buckets.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { packageRoot } from '../support/package-root.ts';

/** What client_golang 1.23.2 wrote: spec/native/oracle/README.md. */
interface OracleCase {
  readonly name: string;
  readonly options: NativeBucketsOptions;
  readonly steps: readonly (
    | number
    | 'scrape'
    | { readonly advance: number }
    | { readonly value: number; readonly id: string }
  )[];
  readonly scrapes: readonly string[];
}

const CASES = JSON.parse(
  readFileSync(join(packageRoot(), 'spec/native/oracle/client-golang.json'), 'utf8'),
) as readonly OracleCase[];

const ACCEPT = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

test('nativeBuckets() write the bytes of client_golang for the same observations, at every scrape', async (t) => {
  let milliseconds = 0;
  t.mock.method(performance, 'now', () => milliseconds);
  t.mock.method(Date, 'now', () => 1_700_000_000_500 + milliseconds);
  let compared = 0;
  for (const { name, options, steps, scrapes } of CASES) {
    milliseconds = 0;
    const registry = new MetricsRegistry();
    const histogram = new Histogram({
      name: 'latency_seconds',
      help: 'Latency.',
      registers: [registry],
      buckets: nativeBuckets({ ...options, maxBuckets: options.maxBuckets ?? Infinity }),
    });
    const child = histogram.labels();
    const written: string[] = [];
    for (const step of steps) {
      if (typeof step === 'number') histogram.observe(step);
      else if (step === 'scrape') written.push(await familyOf(registry));
      else if ('advance' in step) milliseconds += step.advance * 1000;
      else child.observe(step.value, { id: step.id });
    }
    assert.deepEqual(written, scrapes, name);
    compared += written.length;
  }
  assert.equal(compared, 331);
});

/** The only family, as a message without its length, in hexadecimal. */
async function familyOf(registry: MetricsRegistry): Promise<string> {
  const message = await new PrometheusExporter(registry).render(ACCEPT, { names: new Set(['latency_seconds']) });
  const lengthBytes = message.findIndex((byte) => byte < 128) + 1;
  return Buffer.from(message.subarray(lengthBytes)).toString('hex');
}
