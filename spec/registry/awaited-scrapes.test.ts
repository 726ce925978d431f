import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { deadline } from '../support/deadline.ts';
import { packageRoot } from '../support/package-root.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

// A collector may wait on something that does not keep the process alive, such as an unref'd socket. Whoever awaits the
// scrape gets it all the same. A scrape that nobody awaits must not keep the process alive.

const ifBuilt = { skip: whyNotBuilt(), timeout: deadline(60) };

/** Starts a program that has a registry with a collector that is idle for 200 ms, and one that hangs. */
function start(t: TestContext, program: string, collectTimeoutSeconds: number): StartedProgram {
  const main = JSON.stringify(pathToFileURL(join(packageRoot(), 'dist', 'bundle', 'index.js')).href);
  const setUp = `
    import { Gauge, MetricsRegistry, MetricsServer, PrometheusExporter } from ${main};
    const registry = new MetricsRegistry({ collectTimeoutSeconds: ${collectTimeoutSeconds} });
    const registers = [registry];
    const idle = () => new Promise((resolve) => setTimeout(resolve, 200).unref());
    new Gauge({ name: 'idle', help: 'I.', registers, async collect() { await idle(); this.set(7); } });
    new Gauge({ name: 'hung', help: 'H.', registers, collect: () => new Promise(() => undefined) });
    process.on('warning', () => undefined);`;
  return new StartedProgram(t, {
    program: process.execPath,
    args: ['--no-warnings', '--input-type=module', '--eval', setUp + program],
  });
}

const CALLS: Readonly<Record<string, string>> = {
  'MetricsRegistry.metrics()': 'registry.metrics()',
  'MetricsRegistry.gather()': 'registry.gather().then(([family]) => `${family.name} ${family.series[0].value}`)',
  'MetricsRegistry.gather() of a merged registry': 'MetricsRegistry.merge([registry]).metrics()',
  'PrometheusExporter.render()':
    'new PrometheusExporter(registry).render().then((bytes) => new TextDecoder().decode(bytes))',
  'PrometheusExporter.chunks()':
    '(async () => { let text = ""; for await (const part of new PrometheusExporter(registry).chunks()) text += new TextDecoder().decode(part); return text; })()',
  'get() of a metric':
    'registry.getSingleMetric("idle").get().then(({ name, values }) => `${name} ${values[0].value}`)',
  'a scrape that joins one that nobody awaits': '(void registry.gather({ keepAlive: false }), registry.metrics())',
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} keeps the process alive until it settles, and no longer`, ifBuilt, async (t) => {
    // Not awaited at the top level: that would be exit code 13.
    const started = start(t, `(async () => { console.log(await ${call}); })();`, 0.5);
    assert.deepEqual(await started.ended, { code: 0, signal: null });
    assert.match(started.output, /^idle 7$/m);
  });
}

test('MetricsRegistry.gather() with keepAlive false does not keep the process alive', ifBuilt, async (t) => {
  const started = start(t, `registry.gather({ keepAlive: false }).then(() => console.log('settled'));`, 1000);
  assert.deepEqual(await started.ended, { code: 0, signal: null });
  assert.equal(started.output, '');
});

test("a scrape of a server that is unref'd does not keep the process alive", ifBuilt, async (t) => {
  const program = `
    const server = new MetricsServer({ port: 0, host: '127.0.0.1', registry, limits: { scrapeTimeoutSeconds: 1000 } });
    await server.listen();
    server.unref();
    const working = setInterval(() => undefined, 1000);
    new Gauge({ name: 'last', help: 'L.', registers, collect() { clearInterval(working); } });
    console.log(server.url);`;
  const started = start(t, program, 1000);
  const url = await until('the URL', () => /http:\S+/.exec(started.output)?.[0]);
  await assert.rejects(fetch(`${url}/metrics`));
  assert.deepEqual(await started.ended, { code: 0, signal: null });
});
