import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, type TestContext, test } from 'node:test';
import { treeFolder, whyNoNext } from '../downstream/trees.ts';
import { freePort } from '../support/free-port.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { runProgram } from '../support/run-program.ts';
import { sampleOf } from '../support/sample-of.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { writeNextRecipe } from './write-next-recipe.ts';

// The recipe for Next.js of docs/frameworks.md as it stands there, on Next.js itself. It is no part of .ci/run, which it
// would make almost a minute longer.

const skip = whyNoNext();
const folder = treeFolder('next');
const NEXT = join('node_modules', 'next', 'dist', 'bin', 'next');
const ENVIRONMENT = { NEXT_TELEMETRY_DISABLED: '1' };
const COUNT = 'order_lookup_duration_seconds_count';
const REQUESTS = 'http_server_request_duration_seconds_count';

beforeEach(() => {
  if (skip !== false) return;
  for (const made of ['app', '.next']) rmSync(join(folder, made), { recursive: true, force: true });
  writeNextRecipe(folder);
});

for (const bundler of ['turbopack', 'webpack']) {
  test(`The recipe for Next.js goes on counting through hot reloads by ${bundler}`, { skip }, async (t) => {
    const { program, ask } = await startNext(t, 'dev', `--${bundler}`);
    let orders = 0;
    const order = (): Promise<string> => {
      orders++;
      return ask('/orders/7');
    };
    const labels = { method: 'GET', route: '/orders/[id]' };
    assert.equal(await order(), 'order 7');
    assert.equal(sampleOf(parseExposition(await ask('/metrics')), COUNT, labels), 1);

    appendFileSync(join(folder, 'metrics.js'), "console.log('evaluated anew');\n");
    await until('the metric evaluated anew', async () => {
      await order();
      return program.output.includes('evaluated anew') || undefined;
    });
    edit('app/orders/[id]/route.js', 'order ${id}', 'reloaded ${id}');
    await until('the route evaluated anew', async () => (await order()) === 'reloaded 7' || undefined);
    edit('app/metrics/route.js', "'Content-Type'", "'X-Reloaded': 'yes', 'Content-Type'");
    const reloaded = (): Promise<string> => ask('/metrics', 'text/plain', 'x-reloaded');
    await until('the scrape evaluated anew', async () => (await reloaded()) === 'yes' || undefined);

    const families = parseExposition(await ask('/metrics'));
    assert.ok(orders >= 3);
    assert.equal(sampleOf(families, COUNT, labels), orders);
    assert.ok(sampleOf(families, 'process_cpu_seconds_total') > 0);
    assert.doesNotMatch(program.output, /error|already|⨯|⚠/i);
  });

  test(`The recipe for Next.js counts in a production build by ${bundler}, in a page and a route`, {
    skip,
  }, async (t) => {
    writePage();
    const build = runProgram(process.execPath, [NEXT, 'build', `--${bundler}`], folder, ENVIRONMENT);
    assert.equal(build.status, 0, `${build.stdout}\n${build.stderr}`);
    const { program, ask } = await startNext(t, 'start');
    for (const path of ['/orders/7', '/shop', '/orders/9']) await ask(path);
    const first = parseExposition(await ask('/metrics'));
    assert.equal(sampleOf(first, COUNT, { method: 'GET', route: '/orders/[id]' }), 2);
    assert.equal(sampleOf(first, COUNT, { method: 'GET', route: '/shop' }), 1);
    for (const [route, requests] of [
      ['/orders/[id]', 2],
      ['/shop', 1],
    ] as const) {
      const labels = { http_request_method: 'GET', http_route: route, http_response_status_code: '200' };
      assert.equal(sampleOf(first, REQUESTS, labels), requests);
    }
    assert.ok(sampleOf(first, 'process_cpu_seconds_total') > 0);
    await ask('/orders/10');
    assert.equal(sampleOf(parseExposition(await ask('/metrics')), COUNT, { method: 'GET', route: '/orders/[id]' }), 3);
    const contentType = await ask('/metrics', 'application/openmetrics-text', 'content-type');
    assert.match(contentType, /^application\/openmetrics-text; version=1\.0\.0/);
    assert.doesNotMatch(program.output, /error|already|⨯|⚠/i);
  });
}

/** A page that uses the metric too: Turbopack gives pages and routes a copy each of what they share. */
function writePage(): void {
  mkdirSync(join(folder, 'app', 'shop'));
  const layout = 'export default ({ children }) => <html><body>{children}</body></html>;';
  writeFileSync(join(folder, 'app', 'layout.js'), layout);
  const page = `import { duration } from '../../metrics.js';
    export const dynamic = 'force-dynamic';
    export default () => duration.time({ method: 'GET', route: '/shop' }, () => <p>Open</p>);`;
  writeFileSync(join(folder, 'app', 'shop', 'page.js'), page);
}

/** Starts Next.js and waits for its first scrape. `ask` resolves to the text of an answer, or to a header of it. */
async function startNext(t: TestContext, ...args: string[]) {
  const port = await freePort();
  const command = [NEXT, ...args, '--hostname', '127.0.0.1', '--port', String(port)];
  const program = new StartedProgram(t, { program: process.execPath, args: command, folder, environment: ENVIRONMENT });
  const ask = async (path: string, accept = 'text/plain', header?: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept } });
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text.slice(0, 300)}\n${program.output.slice(-2000)}`);
    return header === undefined ? text : String(response.headers.get(header));
  };
  await until('Next.js to listen', () => {
    program.requireRunning();
    return fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  });
  return { program, ask };
}

/** Replaces a text that a file holds. */
function edit(file: string, before: string, after: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(before), `${file} holds ${before}`);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}
