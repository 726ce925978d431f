import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PrometheusApi } from '../e2e/prometheus-api.ts';
import { startPrometheus } from '../e2e/start-prometheus.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { copyPrograms, whyNoTree } from './trees.ts';

// Exemplars from the real OpenTelemetry and Sentry, whose traces a caller begins, through to Prometheus' exemplar storage.

const skip = whyNoTree('tracing');
const programs = skip === false ? copyPrograms('tracing', 'tracing') : '';
const SAMPLED = '4bf92f3577b34da6a3ce929d0e0e4736';
const UNSAMPLED = '11111111111111111111111111111111';

/** By tracer: the header that continues a trace. */
const TRACERS = {
  'open-telemetry': (trace: string, isSampled: boolean) => ({
    traceparent: `00-${trace}-00f067aa0ba902b7-0${isSampled ? 1 : 0}`,
  }),
  sentry: (trace: string, isSampled: boolean) => ({ 'sentry-trace': `${trace}-00f067aa0ba902b7-${isSampled ? 1 : 0}` }),
} as const;

async function startTraced(t: TestContext, tracer: keyof typeof TRACERS): Promise<number> {
  const args = [join(programs, `${tracer}.cjs`)];
  const program = new StartedProgram(t, { program: process.execPath, args, folder: programs });
  const port = await until('the port', () => {
    program.requireRunning();
    return /^port (\d+)$/m.exec(program.output)?.[1];
  });
  return Number(port);
}

async function order(port: number, headers: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/orders`, { headers });
  assert.equal(await response.text(), 'an order');
}

/** The lines of a scrape that have an exemplar, by the name of the sample. */
async function exemplarsOf(port: number): Promise<Map<string, string>> {
  const headers = { Accept: 'application/openmetrics-text; version=1.0.0' };
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text();
  const lines = text.split('\n').filter((line) => line.includes(' # {'));
  return new Map(lines.map((line) => [/^\w+/.exec(line)![0], line]));
}

for (const [tracer, headersOf] of Object.entries(TRACERS)) {
  test(`Counters and HTTP durations get the trace of ${tracer} as an exemplar, if it is sampled`, {
    skip,
  }, async (t) => {
    const port = await startTraced(t, tracer as keyof typeof TRACERS);
    await order(port, headersOf(UNSAMPLED, false));
    assert.deepEqual([...(await exemplarsOf(port))], []);
    await order(port, headersOf(SAMPLED, true));
    await order(port, headersOf(UNSAMPLED, false));
    const exemplars = await until('exemplars of both', async () => {
      const found = await exemplarsOf(port);
      return found.has('http_server_request_duration_seconds_bucket') && found.has('orders_total') ? found : undefined;
    });
    const labels = `# {trace_id="${SAMPLED}",span_id="`;
    for (const name of ['orders_total', 'http_server_request_duration_seconds_bucket'])
      assert.ok(exemplars.get(name)?.includes(labels), exemplars.get(name));
    assert.match(exemplars.get('orders_total')!, /^orders_total 3 # .*span_id="[\da-f]{16}"\} 1 \d+\.\d+$/);
    assert.doesNotMatch([...exemplars.values()].join(), new RegExp(UNSAMPLED));
  });
}

test('The exemplar of a slow bucket leads to the event of Sentry, as docs/tracing.md has it', { skip }, () => {
  const { status, stdout, stderr } = runProgram(process.execPath, ['sentry-event.cjs'], programs);
  assert.equal(status, 0, stderr);
  const { text, sent } = JSON.parse(stdout) as {
    readonly text: string;
    readonly sent: readonly { readonly event_id: string; readonly message: string }[];
  };
  assert.deepEqual(
    sent.map(({ message }) => message),
    ['Slow order b'],
  );
  assert.match(
    text,
    new RegExp(`^order_seconds_bucket\\{le="10.0"\\} 2 # \\{event_id="${sent[0]!.event_id}"\\} 4.2 `, 'm'),
  );
  // What is not slow has its trace, from the registry's source.
  assert.match(text, /^order_seconds_bucket\{le="0.1"\} 1 # \{trace_id="[\da-f]{32}",span_id="[\da-f]{16}"\} 0.05 /m);
});

testOnEach('prometheus', 'Prometheus stores the trace of OpenTelemetry as an exemplar', async (program, t) => {
  if (skip !== false) return t.skip(skip);
  const port = await startTraced(t, 'open-telemetry');
  const scrapes = `scrape_configs: [{ job_name: traced, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }]`;
  const { url } = await startPrometheus(t, program, scrapes, ['exemplar-storage']);
  const api = new PrometheusApi(url);
  await until('a first scrape', async () => ((await api.query('orders_total')).length > 0 ? true : undefined));
  const before = Date.now() / 1000;
  await order(port, TRACERS['open-telemetry'](SAMPLED, true));
  for (const selector of ['orders_total', 'http_server_request_duration_seconds_bucket']) {
    const [exemplar] = await until(`an exemplar of ${selector}`, async () => {
      const found = await api.exemplars(selector);
      return found.length > 0 ? found : undefined;
    });
    assert.equal(exemplar!.labels['trace_id'], SAMPLED);
    assert.match(exemplar!.labels['span_id']!, /^[\da-f]{16}$/);
    assert.ok(exemplar!.timestampSeconds >= before - 0.001 && exemplar!.timestampSeconds <= Date.now() / 1000);
  }
});
