import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startMetricsServer } from '@finpilot/metrics';
import { Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { Gatherer } from '../../lib/model/family.ts';
import { type NativeBucketsOptions, nativeBuckets } from '../../lib/native/index.ts';
import { memoryWorkers } from '../aggregate/memory-workers.ts';
import { testOnEach } from '../support/real-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { startPrometheus } from './start-prometheus.ts';

// Real Prometheus as the oracle of merging: it scrapes two workers and their aggregate, and adds up the two by itself.

/**
 * Options and observations of the two workers, one metric for each case. Sums are exact in any order. Not among them: buckets that
 * the zero bucket takes, while others, which are one with them at the lower resolution, are beyond. Prometheus (2.42 and 3.5.3) then
 * counts observations twice: its buckets come to more than its count. See spec/native/merge.test.ts.
 */
type Worker = readonly [options: NativeBucketsOptions, values: readonly number[]];
const CASES: Readonly<Record<string, readonly [Worker, Worker]>> = {
  same_resolution: [
    [{}, [0.5, 1, 1.25, -2, 0]],
    [{}, [1, 3, 700, -2, -0.125]],
  ],
  lower_resolution: [
    [{}, [0.5, 0.75, 1.5, 1.75, 2, -0.75, -0.875]],
    [{ bucketFactor: 2 }, [0.5, 1.5, 4, -0.75]],
  ],
  buckets_wider_than_doublings: [
    [{ bucketFactor: 1.01 }, [0.5, 0.75, 3, 5, 17]],
    [{ bucketFactor: 16 }, [0.5, 17, 300]],
  ],
  wider_zero_bucket: [
    [{ zeroThreshold: 0.25 }, [0.125, 0.25, 1]],
    [{}, [0.0625, 0.25, 0.5, -0.125, -1]],
  ],
  zero_bucket_inside_a_bucket: [
    [{ zeroThreshold: 0.3 }, [0.25, 1]],
    [{ bucketFactor: 2 }, [0.0625, 0.375, 0.5, 1]],
  ],
  zero_bucket_inside_a_negative_bucket: [
    [{ zeroThreshold: 3 }, [0.25, 8]],
    [{ bucketFactor: 4 }, [0.5, 5, -2, -7]],
  ],
  zero_bucket_inside_an_empty_part_of_a_bucket: [
    [{}, [0.96875, 0.375, 2]],
    [{ bucketFactor: 2, zeroThreshold: 0.6 }, [0.5, 1.5]],
  ],
  nothing_in_one: [
    [{}, [1, 2]],
    [{ bucketFactor: 4, zeroThreshold: 0.3 }, []],
  ],
};

async function serve(t: TestContext, registry: Gatherer): Promise<string> {
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', registry });
  t.after(() => server.close());
  return `'127.0.0.1:${server.port}'`;
}

function jobOf(name: string, targets: readonly string[]): string {
  return `{ job_name: ${name}, static_configs: [{ targets: [${targets.join()}] }] }`;
}

testOnEach(
  'prometheus',
  'An aggregate has the native histograms that Prometheus adds up from those of its workers',
  async (program, t) => {
    const { aggregation, start } = memoryWorkers();
    const registries = [0, 1].map((i) => {
      const registers = [new MetricsRegistry()];
      for (const [name, workers] of Object.entries(CASES)) {
        const [options, values] = workers[i]!;
        const histogram = new Histogram({ name, help: 'Case.', buckets: nativeBuckets(options), registers });
        for (const value of values) histogram.observe(value);
      }
      start(registers[0]!);
      return registers[0]!;
    });
    const parts = await Promise.all(registries.map((registry) => serve(t, registry)));
    const jobs = [jobOf('parts', parts), jobOf('merged', [await serve(t, aggregation)])];
    const { url } = await startPrometheus(t, program, `scrape_configs: [${jobs}]`, ['native-histograms']);
    const api = new PrometheusApi(url);
    for (const name of Object.keys(CASES)) {
      await until(`${name} of all`, async () => ((await api.query(name)).length === 3 ? true : undefined));
      const [merged] = await api.histograms(`${name}{job="merged"}`);
      const [expected] = await api.histograms(`sum(${name}{job="parts"})`);
      assert.deepEqual(merged, expected, name);
    }
  },
);

testOnEach(
  'prometheus',
  'Prometheus finds count, sum, quantiles and shares in an aggregate as stated',
  async (program, t) => {
    const { aggregation, start } = memoryWorkers();
    const random = new SeededRandom(23);
    const observed: number[] = [];
    const options = [{}, { bucketFactor: 1.05 }, { maxBuckets: 400 }, { bucketFactor: 1.01 }];
    const histograms = options.map((one) => {
      const registers = [new MetricsRegistry()];
      const histogram = new Histogram({ name: 'run_seconds', help: 'Run.', buckets: nativeBuckets(one), registers });
      return { histogram, worker: start(registers[0]!) };
    });
    for (let i = 0; i < 8000; i++) {
      const value = Math.exp(3 * random.next() + 2 * random.next() - 4);
      random.pick(histograms).histogram.observe(value);
      observed.push(value);
      if (i === 5000) {
        await histograms[0]!.worker.report();
        histograms.shift()!.worker.kill();
      }
    }
    observed.sort((a, b) => a - b);
    const target = await serve(t, aggregation);
    const [withFeature, without] = await Promise.all([
      startPrometheus(t, program, `scrape_configs: [${jobOf('merged', [target])}]`, ['native-histograms']),
      startPrometheus(t, program, `scrape_configs: [${jobOf('merged', [target])}]`),
    ]);
    const api = new PrometheusApi(withFeature.url);
    const valueOf = async (query: string, from = api): Promise<number> => {
      const [sample] = await until(query, async () => {
        const found = await from.query(query);
        return found.length === 0 ? undefined : found;
      });
      return sample!.value;
    };
    assert.equal(await valueOf('histogram_count(run_seconds)'), 8000);
    const sum = observed.reduce((total, value) => total + value, 0);
    assert.ok(Math.abs((await valueOf('histogram_sum(run_seconds)')) / sum - 1) < 1e-12);
    const growth = 2 ** (1 / 8); // the lowest resolution is that of the default factor
    for (const q of [0.01, 0.25, 0.5, 0.9, 0.99]) {
      const exact = observed[Math.ceil(q * observed.length) - 1]!;
      const found = await valueOf(`histogram_quantile(${q}, run_seconds)`);
      assert.ok(found > exact / growth && found < exact * growth, `${q}: expected about ${exact}, got ${found}`);
    }
    const classic = new PrometheusApi(without.url);
    for (const bound of ['0.25', '0.5', '1.0', '+Inf']) {
      const upTo = observed.filter((value) => value <= Number(bound.replace('+Inf', 'Infinity'))).length;
      // Prometheus 2 keeps the text of `le`, Prometheus 3 the number.
      assert.equal(
        await valueOf(`run_seconds_bucket{le=~"${bound.replace('+', '[+]').replace('.0', '(.0)?')}"}`, classic),
        upTo,
      );
      if (bound === '+Inf') continue;
      const share = await valueOf(`histogram_fraction(0, ${bound}, run_seconds)`);
      assert.ok(Math.abs(share - upTo / observed.length) < 1e-12, bound);
    }
  },
);
