import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

// Each program runs in a process of its own, which imports the built package by its name.

const ifBuilt = { skip: whyNotBuilt() };

/** The modules of Node that a program loads besides those of `baseline`. */
function loadedBy(program: string, baseline: string): string[] {
  const report = "console.log(process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).join());";
  const [with_, without] = [program, baseline].map((text) => {
    const { stdout, stderr } = runProgram(
      process.execPath,
      ['--input-type=module', '-e', `${text};${report}`],
      packageRoot(),
    );
    assert.equal(stderr, '');
    return stdout.trim().split(',');
  });
  return with_!.filter((name) => !without!.includes(name)).map((name) => name.replace('NativeModule ', ''));
}

/** Node itself loads more to read a file. */
const EMPTY = "await import('./dist/lib/model/names.js')";

test('Importing the package loads no module of Node', ifBuilt, () => {
  for (const entry of [
    '',
    '/core',
    '/finpilot',
    '/parse',
    '/push',
    '/testing',
    '/summary',
    '/aggregate',
    '/textfile',
    '/statsd',
    '/otlp',
    '/remote-write',
    '/graphite',
    '/cloudwatch',
    '/http',
    '/native',
    '/service',
    '/thread',
  ])
    assert.deepEqual(loadedBy(`await import('@finpilot/metrics${entry}')`, EMPTY), [], entry);
});

test(
  'A server loads neither undici nor anything else that node:http loads only for a reader of its exports',
  ifBuilt,
  () => {
    const bare = `const { createServer } = process.getBuiltinModule('node:http');
    const bare = createServer(); await new Promise((resolve) => bare.listen(0, '127.0.0.1', resolve)); bare.close()`;
    const server = `const { startMetricsServer } = await import('@finpilot/metrics');
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 }); await server.close()`;
    const loaded = loadedBy(server, `${EMPTY};${bare}`);
    assert.deepEqual(
      loaded.filter((name) => /undici|cluster|worker_threads|https|tls|http2|web\/fetch|inspector/.test(name)),
      [],
      loaded.join(', '),
    );
  },
);

test('Only a registry that gathers from a cluster loads node:cluster', ifBuilt, () => {
  const loaded = loadedBy(
    "const { AggregatorRegistry } = await import('@finpilot/metrics'); await new AggregatorRegistry().clusterMetrics()",
    EMPTY,
  );
  assert.ok(loaded.includes('cluster'), loaded.join(', '));
});
