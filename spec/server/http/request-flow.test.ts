import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestHandler, send } from '../../../lib/server/http/exchange.ts';
import { createRouter } from '../../../lib/server/http/request-flow.ts';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { connectRaw, get } from '../raw-client.ts';

const say = (body: string): RequestHandler => {
  return (request, response) => send(request, response, { status: 200, contentType: 'text/plain', body });
};

const router = createRouter({ '/metrics': say('the metrics'), '/': say('the page') });

test('createRouter() finds the route of a path and ignores the query string', async (t) => {
  const { url } = await servePlainly(t, router);
  assert.equal((await ask(`${url}/metrics`)).body, 'the metrics');
  assert.equal((await ask(`${url}/metrics?name[]=up&x=/`)).body, 'the metrics');
  assert.equal((await ask(`${url}/?`)).body, 'the page');
});

test('createRouter() finds the route of a request that names the whole URL', async (t) => {
  const { port } = await servePlainly(t, router);
  for (const [target, body] of [
    ['http://localhost/metrics?x', 'the metrics'],
    ['HTTP://localhost:8000', 'the page'],
  ] as const) {
    const client = await connectRaw(t, port);
    client.socket.write(get(target));
    assert.match(await client.until(/\r\n\r\n.+/), new RegExp(`${body}$`));
  }
});

test('createRouter() answers 404 for any other path, naming the paths there are', async (t) => {
  const { port, url } = await servePlainly(t, router);
  const { status, headers, body } = await ask(`${url}/favicon.ico`);
  assert.equal(status, 404);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(body, 'Cannot find this path: expected one of /metrics, /.\n');
  assert.equal((await ask(`${url}/x`, { method: 'POST' })).status, 404);
  const targets = ['//', '/metrics/', '/x/../metrics', '/../metrics', '/%6detrics', '/METRICS', '*', '/constructor'];
  for (const target of targets) {
    const client = await connectRaw(t, port);
    client.socket.write(get(target));
    assert.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 40[04]/, target);
  }
});

test('createRouter() answers HEAD with the headers of GET and no body', async (t) => {
  const { url } = await servePlainly(t, router);
  for (const path of ['/metrics', '/unknown']) {
    const got = await ask(url + path);
    const headed = await ask(url + path, { method: 'HEAD' });
    assert.equal(headed.body, '');
    assert.equal(headed.status, got.status);
    assert.equal(headed.headers['content-length'], String(got.body.length));
    assert.equal(headed.headers['content-type'], got.headers['content-type']);
  }
});

test('createRouter() answers 405 with Allow for any other method', async (t) => {
  const { url } = await servePlainly(t, router);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const { status, headers, body } = await ask(`${url}/metrics`, { method });
    assert.equal(status, 405);
    assert.equal(headers.allow, 'GET, HEAD');
    assert.equal(body, `Cannot ${method} here: expected GET or HEAD.\n`);
  }
});
