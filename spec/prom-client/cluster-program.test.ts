import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInTree, type Tree, whyNoTrees } from '../downstream/trees.ts';

// A cluster, programmed for prom-client, on prom-client and on this library.

interface Output {
  readonly contentType: string;
  readonly samples: readonly string[];
  readonly isSame: boolean;
  readonly afterKill: readonly string[];
}

const skip = whyNoTrees();
const run = (tree: Tree): Output => runInTree(tree, 'cluster.cjs') as Output;

test('AggregatorRegistry exposes of a program for prom-client what prom-client exposes, and keeps the counts of a killed worker', {
  skip,
}, () => {
  const [{ afterKill: fallen, ...there }, { afterKill, ...here }] = [run('prom-client'), run('override')];
  assert.ok(there.samples.length >= 15);
  assert.deepEqual(here, there);
  const isOfGauge = (sample: string): boolean => sample.startsWith('gauge');
  assert.deepEqual(afterKill.filter(isOfGauge), fallen.filter(isOfGauge));
  const counts = (samples: readonly string[]): string[] => samples.filter((sample) => !isOfGauge(sample));
  assert.deepEqual(counts(afterKill), counts(there.samples));
  assert.notDeepEqual(counts(fallen), counts(there.samples));
});

test('ClusterRegistry and WorkerRegistry expose of a program for @prometheus-io/client what that exposes', {
  skip,
}, () => {
  const [there, here] = [
    runInTree('prom-client', 'successor-cluster.cjs', ['@prometheus-io/client']),
    runInTree('override', 'successor-cluster.cjs', ['prom-client']),
  ] as { cluster: { all: string[] }; threads: { samples: string[] } }[];
  assert.ok(there!.cluster.all.includes('jobs_total{kind="a"} 21'));
  assert.ok(there!.threads.samples.includes('jobs_total{kind="a"} 1100'));
  assert.deepEqual(here, there);
});
