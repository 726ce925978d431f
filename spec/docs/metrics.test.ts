import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { collectDefaultMetrics, type DefaultMetricsGroup } from '../../lib/collectors/collect-default-metrics.ts';
import { Counter, type Family, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { createFinpilotMetrics } from '../../lib/finpilot/index.ts';
import { instrumentHttp } from '../../lib/http/index.ts';
import type { Gatherer } from '../../lib/model/family.ts';
import { ScrapeMetrics } from '../../lib/server/scrape/scrape-metrics.ts';
import { describeService } from '../../lib/service/index.ts';
import { Heartbeat, HeartbeatReader } from '../../lib/thread/heartbeat.ts';
import { ReportedMetrics } from '../../lib/thread/reported-metrics.ts';
import { packageRoot } from '../support/package-root.ts';
import { testOnEach } from '../support/real-system.ts';

/** A row of a table: the group, where the table has one, and what is said of the metric. */
interface Row {
  readonly group: string;
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

const page = readFileSync(join(packageRoot(), 'docs', 'metrics.md'), 'utf8');

function rowsOf(heading: string): Row[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  assert.ok(section !== undefined, `docs/metrics.md has no section ${heading}`);
  const rows = section.matchAll(/^\| (?:`(\w+)` \| )?`([a-z_0-9]+)` \| (\w+) \| ([^|]*)\|/gm);
  return [...rows].map(([, group = '', name = '', type = '', labels = '']) => {
    return { group, name, type, labels: labels.match(/\w+/g) ?? [] };
  });
}

/** What the families of a registry are, without those of the registry itself. */
function asRows(families: readonly Family[], group = ''): Row[] {
  return families.map(({ name, type, labelNames }) => ({ group, name, type, labels: labelNames }));
}

function byName(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A registry whose self-metrics have something to tell. */
function troubledRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const options = { name: 'visits_total', help: 'Visits.', maxSeries: 1, registers: [registry] };
  const visits = new Counter({ ...options, labelNames: ['client'] });
  for (const client of ['1', '2']) visits.inc({ client });
  registry.registerCollector({ name: 'broken', collect: () => assert.fail('of the test') });
  return registry;
}

/** The metrics that a metrics thread adds to those of a program which has none. */
function metricsOfThread(): ReportedMetrics {
  return new ReportedMetrics(new HeartbeatReader(new Heartbeat().memory), 0, () => undefined);
}

/** Makes a request, so that each HTTP metric of a registry has a series. */
async function useHttp(registry: MetricsRegistry, t: TestContext): Promise<void> {
  t.after(instrumentHttp(registry).stop);
  const server = createServer((_request, response) => void response.end('answer'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
  await new Promise((resolve) => server.close(resolve));
}

test('docs/metrics.md lists the FinPilot catalogue, each metric with its type and labels', async () => {
  const registry = new MetricsRegistry();
  createFinpilotMetrics(registry);
  assert.deepEqual(rowsOf('FinPilot'), asRows(await registry.gather()));
});

test('docs/metrics.md lists the default metrics by group, each with its type and labels', async (t) => {
  const listed = rowsOf('Default metrics');
  const groups = [...new Set(listed.map(({ group }) => group))];
  const ofThisSystem = listed.filter(({ name }) => isAlwaysThere(name));
  for (const group of groups) {
    const registry = new MetricsRegistry();
    const without = groups.filter((other) => other !== group);
    const { stop } = collectDefaultMetrics(registry, { without: without as DefaultMetricsGroup[] });
    t.after(stop);
    const got = asRows(await registry.gather(), group).filter(({ name }) => isAlwaysThere(name));
    assert.deepEqual(byName(got), byName(ofThisSystem.filter((row) => row.group === group)));
  }
});

/** Not so where no handle or request is there, and for some off Linux. */
function isAlwaysThere(name: string): boolean {
  if (/^nodejs_active_(handles|requests)$/.test(name)) return false;
  return process.platform === 'linux' || !new RegExp(`\`${name}\` .*\\(Linux[;)]`).test(page);
}

test('docs/metrics.md lists the HTTP metrics', async (t) => {
  const registry = new MetricsRegistry();
  t.after(instrumentHttp(registry).stop);
  assert.deepEqual(rowsOf('HTTP metrics'), asRows(await registry.gather()));
});

test('docs/metrics.md lists what describeService() adds', async () => {
  const registry = new MetricsRegistry();
  describeService(registry, { version: '1.0.0', env: {} });
  assert.deepEqual(rowsOf('Service'), asRows(await registry.gather()));
});

test('docs/metrics.md lists the self-metrics of a registry', async () => {
  const families = await troubledRegistry().gather();
  assert.deepEqual(rowsOf('Self-metrics'), asRows(families.filter(({ name }) => name.startsWith('metrics_client_'))));
});

test('docs/metrics.md lists the metrics of a server', async () => {
  const { gather } = new ScrapeMetrics().addTo(new MetricsRegistry());
  assert.deepEqual(rowsOf('Server metrics'), asRows(await gather()));
});

test('docs/metrics.md lists the metrics of a metrics thread', async () => {
  assert.deepEqual(rowsOf('Metrics of a metrics thread'), asRows(await metricsOfThread().gather()));
});

testOnEach('promtool', 'promtool complains of what docs/metrics.md says, and of nothing else', async ({ path }, t) => {
  const registry = troubledRegistry();
  createFinpilotMetrics(registry);
  const { stop } = collectDefaultMetrics(registry);
  t.after(stop);
  describeService(registry, { version: '1.0.0' });
  await useHttp(registry, t);
  const all: Gatherer = {
    gather: async () => [...(await registry.gather()), ...(await metricsOfThread().gather())],
  };
  const { stderr } = spawnSync(path, ['check', 'metrics'], {
    input: await new PrometheusExporter(new ScrapeMetrics().addTo(all)).render(),
    encoding: 'utf8',
  });
  assert.equal(stderr, /```text\n(.*?)```/s.exec(page.split('\n## What promtool says\n')[1] ?? '')?.[1]);
});
