import assert from 'node:assert/strict';
import { get } from 'node:https';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import type { Gatherer } from '../../lib/model/family.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { Summary } from '../../lib/summary.ts';
import { startMetricsThread } from '../../lib/thread/index.ts';
import { createCertificate } from '../support/certificate.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { until } from '../support/until.ts';
import { blockWhileAsking, collectWorkers, startThread, textOf, valueOf } from './start-thread.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const OWN = /^(nodejs_eventloop_|metrics_thread_)/;

function createRegistry() {
  const registry = new MetricsRegistry({ prefix: 'app_', constantLabels: { shard: '7' } });
  const registers = [registry];
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers });
  const size = new Histogram({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', buckets: [1, 10], registers });
  const wait = new Histogram({
    name: 'wait_seconds',
    help: 'Wait.',
    buckets: nativeBuckets({ classicBounds: [1, 4] }),
    registers,
  });
  for (const value of [-1, 0, 0.3, 5]) wait.labels().observe(value);
  new Gauge({ name: 'rate', help: 'Rate.', registers }).set(-0.25);
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1' });
  const seen = new Summary({ name: 'seen', help: 'Seen.', percentiles: [0.5], registers });
  seen.observe(3);
  new Gauge({ name: 'start', help: 'Start.', aggregator: 'omit', registers }).set(7);
  return { registry, jobs, size };
}

test('startMetricsThread() exposes what the registry does, and its own metrics behind it', async (t) => {
  const { registry, jobs, size } = createRegistry();
  const thread = await startThread(t, { registry });
  jobs.inc({ kind: 'a "quoted" one' }, 3);
  size.observe(5);
  const families = parseExposition(await textOf(thread, '/metrics'));
  const expected = parseExposition(new TextDecoder().decode(await new PrometheusExporter(registry).render()));
  const samplesOf = (all: typeof families) =>
    all.map(({ name, type, help, samples }) => ({
      name,
      type,
      help,
      // Constant labels are ordinary ones behind the thread.
      samples: samples.map(({ labels, ...one }) => ({ ...one, labels: [...labels].sort() })),
    }));
  const bothFormsIn = (bytes: Uint8Array) => {
    const { native, buckets } = decodeProtobuf(bytes).find(({ name }) => name === 'app_wait_seconds')!.metrics[0]!;
    return { native, buckets };
  };
  const answer = await fetch(`http://127.0.0.1:${thread.port}/metrics`, { headers: { accept: PROTOBUF } });
  const scraped = bothFormsIn(new Uint8Array(await answer.arrayBuffer()));
  assert.deepEqual([scraped.native!.positive.length > 0, scraped.buckets!.length], [true, 2]);
  assert.deepEqual(scraped, bothFormsIn(await new PrometheusExporter(registry).render(PROTOBUF)));
  const own = families.filter(({ name }) => OWN.test(name));
  const others = families.filter(({ name }) => !OWN.test(name));
  assert.deepEqual(samplesOf(others), samplesOf(expected));
  assert.deepEqual(
    own.map(({ name }) => name),
    [
      'nodejs_eventloop_blocked_seconds',
      'nodejs_eventloop_blocked_longest_seconds',
      'nodejs_eventloop_stall_seconds',
      'metrics_thread_report_age_seconds',
      'metrics_thread_late_reports_total',
      'metrics_thread_refused_families_total',
      'metrics_thread_restarts_total',
    ],
  );
});

test('MetricsThread answers while the event loop is blocked: the last report, its age, and for how long', async (t) => {
  const { registry, jobs } = createRegistry();
  const thread = await startThread(t, { registry });
  jobs.inc({ kind: 'x' });
  await textOf(thread, '/metrics');
  jobs.inc({ kind: 'x' }); // reported by nobody before the loop is blocked
  const startedAt = process.hrtime.bigint();
  const answers = blockWhileAsking(`${thread.url}/metrics`, ({ body }) =>
    /^nodejs_eventloop_blocked_seconds (0\.[5-9]|[1-9])/m.test(body),
  );
  const blockedFor = Number(process.hrtime.bigint() - startedAt) / 1e9;
  const last = answers.at(-1)!.body;
  assert.equal(valueOf(last, 'app_jobs_total{kind="x",shard="7"}'), 1);
  const blocked = valueOf(last, 'nodejs_eventloop_blocked_seconds')!;
  assert.ok(blocked >= 0.5);
  assert.ok(valueOf(last, 'metrics_thread_report_age_seconds')! >= blocked);
  assert.ok(valueOf(last, 'metrics_thread_late_reports_total')! >= 1);
  const after = await until('the loop to have turned', async () => {
    const body = await textOf(thread, '/metrics');
    return valueOf(body, 'nodejs_eventloop_stall_seconds_count')! > 0 ? body : undefined;
  });
  assert.equal(valueOf(after, 'app_jobs_total{kind="x",shard="7"}'), 2);
  assert.ok(valueOf(after, 'nodejs_eventloop_blocked_longest_seconds')! >= blocked);
  // A beat is due within 50 ms of the block's beginning.
  assert.ok(valueOf(after, 'nodejs_eventloop_blocked_longest_seconds')! >= blockedFor - 0.06);
});

test('MetricsThread: /health and /ready turn 503 with the reason while the loop is blocked, if asked to', async (t) => {
  const thread = await startThread(t, { unhealthyAfterSeconds: 0.3 });
  const [reporting] = [await startThread(t)];
  thread.addHealthCheck('slow to fail', () => true, { timeoutSeconds: 3600 });
  assert.equal((await fetch(`${thread.url}/health`)).status, 200);
  const answers = blockWhileAsking(`${thread.url}/metrics`, ({ body }) =>
    /^nodejs_eventloop_blocked_seconds (0\.[4-9]|[1-9])/m.test(body),
  );
  assert.ok(answers.length > 0);
  const [unhealthy] = blockWhileAsking(`${thread.url}/health`, ({ status }) => status === 503).slice(-1);
  const { checks } = JSON.parse(unhealthy!.body) as { checks: Record<string, { error: string }> };
  assert.match(
    checks['event_loop']!.error,
    /^The event loop has been blocked for \d+\.\d s, expected less than 0\.3 s\.$/,
  );
  // Asked only whether the thread is there: it does not wait for the program's check.
  assert.match(checks['slow to fail']!.error, /blocked/);
  const ready = blockWhileAsking(`${reporting.url}/ready`, () => true);
  assert.equal(ready[0]!.status, 200);
  assert.equal(
    await until('health again', async () => {
      const { status } = await fetch(`${thread.url}/health`);
      return status === 200 ? status : undefined;
    }),
    200,
  );
});

test('MetricsThread serves over TLS, and to those with credentials only', async (t) => {
  const { cert, key } = createCertificate({ commonName: 'localhost' });
  const token = 't'.repeat(32);
  const thread = await startThread(t, { tls: { cert, key }, auth: { tokens: [token] } });
  assert.match(thread.url, /^https:/);
  const statusOf = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = get(`${thread.url}/metrics`, { ca: cert, servername: 'localhost', headers }, (response) => {
        resolve(response.resume().statusCode);
      });
      request.on('error', reject);
    });
  assert.equal(await statusOf({}), 401);
  assert.equal(await statusOf({ authorization: `Bearer ${token}` }), 200);
  await assert.rejects(fetch(`${thread.url.replace('https', 'http')}/metrics`));
});

test('MetricsThread runs the checks of the program on its thread, and passes on why they fail', async (t) => {
  const thread = await startThread(t);
  let runs = 0;
  thread.addHealthCheck('good', () => void runs++);
  thread.addHealthCheck('false', () => false);
  thread.addHealthCheck('thrown', async () => {
    throw new Error('no prices');
  });
  thread.addReadinessCheck('slow', () => new Promise(() => undefined), { timeoutSeconds: 0.01 });
  const health = JSON.parse(await textOf(thread, '/health')) as {
    checks: Record<string, { status: string; error?: string }>;
  };
  const outcomes = Object.entries(health.checks).map(([name, { status, error }]) => [name, status, error]);
  assert.deepEqual(outcomes, [
    ['event_loop', 'ok', undefined],
    ['good', 'ok', undefined],
    ['false', 'failing', 'The check returned false.'],
    ['thrown', 'failing', 'no prices'],
  ]);
  assert.equal(runs, 1);
  assert.match(await textOf(thread, '/ready'), /Still running after/);
  assert.equal(thread.removeHealthCheck('false'), true);
  assert.equal(thread.removeHealthCheck('false'), false);
  thread.removeHealthCheck('thrown');
  await until('health', async () => ((await fetch(`${thread.url}/health`)).status === 200 ? true : undefined));
  assert.throws(() => thread.addHealthCheck('good', () => true), /expected a new name, got one that is taken/);
  assert.throws(() => thread.addHealthCheck('event_loop', () => true), /expected another name/);
});

test('MetricsThread is restarted on its port when it ends, with a warning and a metric; no count is lost', async (t) => {
  const warnings = await collectWarnings(t);
  const workers = collectWorkers(t);
  const { registry, jobs } = createRegistry();
  const thread = await startThread(t, { registry });
  thread.addHealthCheck('good', () => true);
  const { url } = thread;
  const times = 3; // 100 with FINPILOT_TERMINATIONS
  const total = Number(process.env['FINPILOT_TERMINATIONS'] ?? times);
  let longest = 0;
  for (let time = 1; time <= total; time++) {
    jobs.inc({ kind: 'x' });
    void fetch(`${url}/metrics`).catch(() => undefined);
    const terminated = workers.at(-1)!.terminate();
    const terminatedAt = performance.now();
    await terminated;
    jobs.inc({ kind: 'x' });
    const body = await until('the server to be back', async () => {
      const answer = await fetch(`${url}/metrics`).catch(() => undefined);
      return answer?.text();
    });
    longest = Math.max(longest, performance.now() - terminatedAt);
    assert.equal(valueOf(body, 'app_jobs_total{kind="x",shard="7"}'), 2 * time);
    assert.equal(valueOf(body, 'metrics_thread_restarts_total'), time);
  }
  t.diagnostic(`${total} terminations: a scrape was answered ${Math.ceil(longest)} ms after each at the latest`);
  assert.match(await textOf(thread, '/health'), /"good"/);
  const codes = warnings.map(({ code }) => code);
  assert.deepEqual([...new Set(codes)], ['METRICS_THREAD_RESTARTED']);
  assert.equal(codes.length, total);
});

test('MetricsThread starts, answers and closes though a collector or the whole gatherer of the program hangs', async (t) => {
  const warnings = await collectWarnings(t);
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 3600 });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  jobs.inc();
  registry.registerCollector({ name: 'hung', collect: () => new Promise(() => undefined) });
  await registry.prepare();
  const gatherers: Gatherer[] = [registry, { gather: () => new Promise(() => undefined) }];
  for (const [i, gatherer] of gatherers.entries()) {
    // The time of the program passes in jumps, and only while it starts and closes.
    let isStill = true;
    let hasStarted = false;
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const passing = setInterval(() => isStill || t.mock.timers.tick(100), 1);
    const thread = await startThread(t, {
      registry: {
        gather(options) {
          if (!hasStarted) isStill = false;
          return gatherer.gather(options);
        },
      },
    });
    hasStarted = isStill = true;
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '1' };
    try {
      for (const late of [0, 1]) {
        const body = await (await fetch(`${thread.url}/metrics`, { headers })).text();
        assert.equal(valueOf(body, 'jobs_total'), i === 0 ? 1 : undefined);
        assert.equal(valueOf(body, 'metrics_thread_late_reports_total'), late);
      }
    } finally {
      isStill = false;
      await thread.close();
      clearInterval(passing);
      t.mock.timers.reset();
    }
  }
  const codes = warnings.flatMap(({ code }) => code ?? []);
  assert.deepEqual(codes, ['METRICS_COLLECTOR_FAILED', 'METRICS_REPORT_FAILED']);
});

test('startMetricsThread() rejects as startMetricsServer() does, and on what cannot be sent to a thread', async (t) => {
  const first = await startThread(t);
  await assert.rejects(startMetricsThread({ port: first.port, host: '127.0.0.1' }), {
    code: 'EADDRINUSE',
    message: /^Cannot serve metrics on port \d+ of host "127\.0\.0\.1": expected a free port/,
  });
  const start = (options: object) => startMetricsThread({ port: 0, ...options });
  await assert.rejects(start({ port: '80' }), /expected port to be an integer/);
  await assert.rejects(start({ onCollectorError: 'fail' }), /expected options to have .*, got "onCollectorError"/);
  await assert.rejects(
    start({ unhealthyAfterSeconds: 0 }),
    /expected unhealthyAfterSeconds to be a number of seconds above 0/,
  );
  await assert.rejects(start({ reportIntervalSeconds: '5' }), /expected reportIntervalSeconds/);
  await assert.rejects(start({ registry: {} }), /expected registry to be a registry/);
  await assert.rejects(start({ workerUrl: 5 }), /expected workerUrl to be a URL or a path, got 5/);
  await assert.rejects(start({ exporterOptions: { createdLines: () => true } }), /expected options that can be copied/);
  await assert.rejects(
    start({ workerUrl: new URL('./missing.js', import.meta.url) }),
    /Cannot start a metrics thread: .*missing\.js.* If the program is bundled/s,
  );
});
