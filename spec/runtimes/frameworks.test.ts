import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recipesOf } from '../docs/recipes-of.ts';
import { freePort } from '../support/free-port.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { copyPrograms, whyNoTree } from './trees.ts';

// instrumentHttp() on the newest web frameworks: the same application on each (spec/runtimes/programs/frameworks), and the same
// requests to it, of which some fail, match nothing, or are aborted.

/** What drive.mjs prints: the statuses of the answers, and the metrics during a request, afterwards, and after stop(). */
interface Report {
  readonly statuses: Readonly<Record<string, number>>;
  readonly during: string;
  readonly after: string;
  readonly stopped: string;
}

const skip = whyNoTree('frameworks');
const programs = skip === false ? copyPrograms('frameworks', 'frameworks') : '';
const COUNT = 'http_server_request_duration_seconds_count';
const ACTIVE = 'http_server_active_requests';

const FRAMEWORKS = {
  'Express 5': 'express',
  'Express 4': 'express4',
  'Fastify 5': 'fastify',
  'Koa 3': 'koa',
  'Hono 4': 'hono',
  'NestJS 12 on Express': 'nest-express',
  'NestJS 12 on Fastify': 'nest-fastify',
  'Next.js 16': 'next',
} as const;

/** The samples of a name by the values of their labels that are not empty. */
const samples = (text: string, name: string): Record<string, number> =>
  Object.fromEntries(
    parseExposition(text)
      .flatMap((family) => family.samples)
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [[...labels.values()].filter((each) => each !== '').join(' '), value]),
  );

for (const [framework, app] of Object.entries(FRAMEWORKS)) {
  test(`instrumentHttp() counts requests to ${framework} by route, unmatched, failed and aborted ones too`, {
    skip,
  }, () => {
    const { status, stdout, stderr } = runProgram(process.execPath, [join(programs, 'drive.mjs'), app], programs);
    assert.equal(status, 0, stderr);
    const { statuses, during, after, stopped } = JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Report;
    assert.deepEqual(Object.values(statuses), [200, 200, 404, 404, 500, 404]);
    assert.deepEqual(samples(during, ACTIVE), { GET: 1 });
    assert.deepEqual(samples(after, ACTIVE), { GET: 0 });
    const id = app === 'next' ? '[id]' : ':id';
    assert.deepEqual(samples(after, COUNT), {
      [`GET /api/orders/${id} 200`]: 2,
      'GET 404': 2,
      [`GET /api/fail/${id} 500`]: 1,
      [`GET /api/hang/${id} 499`]: 1,
    });
    assert.doesNotMatch(stopped, /http_/);
  });
}

for (const express of ['express', 'express4']) {
  test(`instrumentHttp() names the routes of nested routers and applications of ${express}, never their paths`, {
    skip,
  }, () => {
    const program = [join(programs, 'express-routes.mjs'), express];
    const { status, stdout, stderr } = runProgram(process.execPath, program, programs);
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      '/': '/ 200',
      '/a': '/a,/b 200',
      '/b?x=/users/7': '/a,/b 200',
      '/pattern/12': '/^\\\\/pattern\\\\/\\\\d+$/ 200',
      '/users/7': '/users/:user 200',
      '/users/7/': '/users/:user 200',
      '/users/7/orders/8': '/users/:user/orders/:order 200',
      '/users/users/orders/orders': '/users/:user/orders/:order 200',
      '/users/7/teams/a%20b/9': '/users/:user/teams/:team/:member 200',
      '/first/things/1': '/first/things/:id 200',
      '/second/first/things/1': '/second/:x/things/:id 200',
      '/fail/soon/deep/7': '/fail/:kind/deep/:id 500',
      '/inner/hello/you': '/inner/hello/:name 200',
      '/inner/more/7': '/inner/more/:id 200',
      '/inner/nothing': ' 404',
      '/plain/inside': `${express === 'express4' ? '/plain' : '/plain,/with/:parameter'}/inside 200`,
      '/users/7/nothing': ' 404',
      '/wp-login.php': ' 404',
    });
  });
}

test('instrumentHttp() names the routes of both routers of Next.js, also of pages that fail, never its own pages', {
  skip,
}, () => {
  const { status, stdout, stderr } = runProgram(process.execPath, [join(programs, 'next-routes.mjs')], programs);
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)), {
    '/': '/ 200',
    '/things/7': '/things/[id] 200',
    '/things/none': '/things/[id] 404',
    '/things/fail': '/things/[id] 500',
    '/things/away': '/things/[id] 307',
    '/docs/a/b': '/docs/[...slug] 200',
    '/group': '/group 200',
    '/pages/7': '/pages/[id] 200',
    '/pages/none': '/pages/[id] 404',
    '/pages/fail': '/pages/[id] 500',
    '/api/pages/7': '/api/pages/[id] 200',
    '/rewritten/7': '/pages/[id] 200',
    '/redirected': ' 307',
    '/missing': ' 404',
    '/404': ' 404',
    '/_error': ' 404',
    '/_next/static/missing.js': ' 404',
  });
});

for (const section of ['Koa', 'Hono']) {
  test(`The recipe for ${section} measures requests by their route`, { skip }, async (t) => {
    const port = await freePort();
    const file = join(programs, `${section}.mjs`);
    writeFileSync(file, recipesOf(section)[0].code.replaceAll('8000', String(port)));
    const program = new StartedProgram(t, { program: process.execPath, args: [file], folder: programs });
    const ask = (path: string): Promise<string> =>
      fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.text());
    const answer = await until('an answer', () => {
      program.requireRunning();
      return ask('/orders/7').catch(() => undefined);
    });
    assert.equal(answer, 'order 7');
    const text = await ask('/metrics');
    assert.deepEqual(samples(text, COUNT), { 'GET /orders/:id 200': 1 });
    assert.match(text, /^process_cpu_seconds_total /m);
  });
}
