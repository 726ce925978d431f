import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { treeFolder, whyNoTrees } from '../downstream/trees.ts';
import { freePort } from '../support/free-port.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { sampleOf } from '../support/sample-of.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { recipesOf } from './recipes-of.ts';
import { writeNextRecipe } from './write-next-recipe.ts';

// The recipes of docs/frameworks.md, run as they stand there, but for the port, among the real frameworks; that for Next.js
// on a simulation of it, since the real one has a spec of its own.

const root = packageRoot();
const skip = whyNoTrees();
const folder = join(treeFolder('override'), 'recipes');
const COUNT = 'http_server_request_duration_seconds_count';
const LABELS = { http_request_method: 'GET', http_route: '/orders/:id', http_response_status_code: '200' };

before(() => {
  if (skip !== false) return;
  mkdirSync(folder, { recursive: true });
  const installed = join(treeFolder('override'), 'node_modules', '@finpilot');
  mkdirSync(installed, { recursive: true });
  if (!existsSync(join(installed, 'metrics')))
    symlinkSync(join('..', 'prom-client'), join(installed, 'metrics'), 'junction');
});

/** Starts a recipe on a free port, asks it for an order, and returns what it exposes then. */
async function scrapeAfterAnOrder(t: TestContext, file: string): Promise<ReturnType<typeof parse>> {
  const port = await freePort();
  const path = join(folder, file);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('8000', String(port)));
  const program = new StartedProgram(t, { program: process.execPath, args: [path], folder });
  const ask = (route: string): Promise<string> =>
    fetch(`http://127.0.0.1:${port}${route}`).then((response) => response.text());
  const answer = await until('an answer', () => {
    program.requireRunning();
    return ask('/orders/7').catch(() => undefined);
  });
  assert.equal(answer, 'order 7');
  return parse(await ask('/metrics'));
}

test('The recipe for Express measures requests by their route', { skip }, async (t) => {
  writeFileSync(join(folder, 'express.mjs'), recipesOf('Express')[0].code);
  const families = await scrapeAfterAnOrder(t, 'express.mjs');
  assert.equal(sampleOf(families, COUNT, LABELS), 1);
  assert.ok(families.some(({ name }) => name === 'process_cpu_seconds_total'));
});

test('The Express service of README.md is observed in two lines, and exposes what it says there', {
  skip,
}, async (t) => {
  const page = readFileSync(join(root, 'README.md'), 'utf8');
  const [, code, line] = /^```js\n(import express .*?)^```\n\n```text\n(.*?)\n```$/ms.exec(page) ?? [];
  writeFileSync(join(folder, 'readme.mjs'), code!);
  const families = await scrapeAfterAnOrder(t, 'readme.mjs');
  assert.equal(sampleOf(families, COUNT, LABELS), 1);
  const [expected] = parse(`# TYPE ${COUNT} untyped\n${line}\n`);
  assert.deepEqual(Object.fromEntries(expected!.samples[0]!.labels), LABELS);
});

test('The recipe for Fastify measures requests by their route', { skip }, async (t) => {
  writeFileSync(join(folder, 'fastify.mjs'), recipesOf('Fastify')[0].code);
  const families = await scrapeAfterAnOrder(t, 'fastify.mjs');
  assert.equal(sampleOf(families, COUNT, LABELS), 1);
});

test('The recipe for NestJS compiles, and measures requests by their route', { skip }, async (t) => {
  writeFileSync(join(folder, 'nest.mts'), recipesOf('NestJS')[0].code);
  const options =
    '--ignoreConfig --strict --module nodenext --target es2023 --skipLibCheck --experimentalDecorators --emitDecoratorMetadata --pretty false';
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
  const tsc = [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...options.split(' '), ...types, 'nest.mts'];
  assert.equal(runProgram(process.execPath, tsc, folder).stdout, '');
  const families = await scrapeAfterAnOrder(t, 'nest.mjs');
  assert.equal(sampleOf(families, COUNT, LABELS), 1);
});

test('The recipe for Next.js goes on counting when its modules are evaluated anew', { skip }, () => {
  const app = join(folder, 'next');
  writeNextRecipe(app);
  const program = `
    process.env.NEXT_RUNTIME = 'nodejs';
    const { register } = await import('./instrumentation.js');
    await register();
    const answers = [];
    for (const [version, accept] of ['text/plain', 'application/openmetrics-text'].entries()) {
      const { duration } = await import('./metrics.js?version=' + version);
      duration.observe({ method: 'GET', route: '/' }, 0.5);
      const { GET } = await import('./app/metrics/route.js?version=' + version);
      const response = await GET(new Request('http://localhost/metrics', { headers: { accept } }));
      answers.push([response.headers.get('content-type'), await response.text()]);
    }
    console.log(JSON.stringify(answers));`;
  const { stdout, stderr } = runProgram(process.execPath, ['--input-type=module', '--eval', program], app);
  assert.equal(stderr, '');
  const [first, second] = JSON.parse(stdout) as [contentType: string, text: string][];
  const labels = { method: 'GET', route: '/' };
  assert.equal(sampleOf(parse(first![1], first![0]), 'order_lookup_duration_seconds_count', labels), 1);
  assert.equal(sampleOf(parse(second![1], second![0]), 'order_lookup_duration_seconds_count', labels), 2);
  assert.match(second![0], /^application\/openmetrics-text/);
  assert.match(first![1], /^process_cpu_seconds_total /m);
});

test('The recipe for serverless functions sends what it has counted, under a name of its own', { skip }, async (t) => {
  const pushes: { readonly request: string; readonly contentType: string | undefined; readonly text: string }[] = [];
  const gateway = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    pushes.push({ request: `${request.method} ${request.url}`, contentType: request.headers['content-type'], text });
    response.end();
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  t.after(() => gateway.close());
  writeFileSync(join(folder, 'serverless.mjs'), recipesOf('Serverless')[0].code);
  const program = `
    process.env.PUSHGATEWAY_URL = 'http://127.0.0.1:${(gateway.address() as AddressInfo).port}';
    const { handler } = await import('./serverless.mjs');
    await handler({ id: 1 });
    await handler({});`;
  const started = new StartedProgram(t, {
    program: process.execPath,
    args: ['--input-type=module', '--eval', program],
    folder,
  });
  assert.deepEqual(await started.ended, { code: 0, signal: null });
  assert.equal(started.output, '');
  assert.equal(pushes.length, 2);
  assert.match(pushes[1]!.request, /^PUT \/metrics\/job\/orders\/instance\/[0-9a-f-]{36}$/);
  assert.equal(pushes[1]!.request, pushes[0]!.request);
  const families = parse(pushes[1]!.text, pushes[1]!.contentType);
  assert.equal(sampleOf(families, 'calls_total', { outcome: 'done' }), 1);
  assert.equal(sampleOf(families, 'calls_total', { outcome: 'refused' }), 1);
});
