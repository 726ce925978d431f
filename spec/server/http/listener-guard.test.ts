import assert from 'node:assert/strict';
import { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { ListenerGuard } from '../../../lib/server/http/exchange.ts';
import { ask } from '../ask.ts';
import { connectRaw, get } from '../raw-client.ts';
import { startServer } from '../start-server.ts';
import { collectWarnings } from '../warnings.ts';

const TOKEN = 'a-token-of-thirty-two-characters';

test('ListenerGuard.guard() counts each exception, closes its connection, and warns once', (t) => {
  const warnings = collectWarnings(t);
  let count = 0;
  let destroyed = 0;
  const guard = new ListenerGuard(() => void count++);
  const thrown = [
    new Error('first'),
    null,
    undefined,
    {
      get message() {
        throw new Error('no');
      },
    },
    Symbol('s'),
  ];
  const listener = guard.guard(
    (what: unknown) => {
      throw what;
    },
    () => ({ destroy: () => void destroyed++ }) as never,
  );
  for (const what of thrown) listener(what);
  assert.deepEqual([count, destroyed], [5, 5]);
  assert.deepEqual(warnings, ['A request could not be handled, and its connection was closed: first']);
});

test('ListenerGuard.guard() passes its arguments on', () => {
  const seen: unknown[] = [];
  const listener = new ListenerGuard().guard(
    (...all: unknown[]) => void seen.push(...all),
    (..._all) => assert.fail(),
  );
  listener(1, 'two');
  assert.deepEqual(seen, [1, 'two']);
});

for (const method of ['writeHead', 'end'] as const) {
  for (const auth of [undefined, { tokens: [TOKEN] }]) {
    test(`MetricsServer keeps an exception of ${method}() from its host, ${auth ? 'with' : 'without'} auth`, async (t) => {
      // As many middlewares as wrap these two can throw in them. An exception that gets out fails the test.
      collectWarnings(t);
      const server = await startServer(t, {
        selfMetrics: true,
        limits: { maxScrapesInFlight: 1 },
        ...(auth && { auth }),
      });
      const original = ServerResponse.prototype[method] as (...all: unknown[]) => unknown;
      const mock = t.mock.method(ServerResponse.prototype, method, function (this: ServerResponse, ...all: unknown[]) {
        if (this.req.headers['x-fault'] !== undefined) throw new Error(`no ${method}`);
        return original.apply(this, all);
      });
      const faulty = (path: string) =>
        get(path).replace('\r\n\r\n', `\r\nX-Fault: 1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
      for (const path of ['/metrics', '/health', '/ready', '/', '/page.js', '/nothing']) {
        const client = await connectRaw(t, server.port);
        client.socket.write(faulty(path));
        assert.notEqual(await client.ended, '', path);
      }
      // The first is answered; those behind it are refused when their turn comes.
      const client = await connectRaw(t, server.port);
      client.socket.write(
        get('/health').replace('\r\n\r\n', `\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`) +
          faulty('/metrics?a').repeat(3),
      );
      assert.notEqual(await client.ended, '');
      mock.mock.restore();
      const headers = { authorization: `Bearer ${TOKEN}` };
      assert.equal((await ask(`${server.url}/metrics`, { headers })).status, 200);
    });
  }
}

test('MetricsServer answers the others of a shared scrape when one of their responses throws', async (t) => {
  collectWarnings(t);
  const server = await startServer(t);
  const original = ServerResponse.prototype.writeHead as (...all: unknown[]) => ServerResponse;
  t.mock.method(ServerResponse.prototype, 'writeHead', function (this: ServerResponse, ...all: unknown[]) {
    if (this.req.headers['x-fault'] !== undefined) throw new Error('no writeHead');
    return original.apply(this, all);
  });
  const clients = await Promise.all([0, 1, 2].map(() => connectRaw(t, server.port)));
  const [, broken] = clients;
  for (const client of clients)
    client.socket.write(get('/metrics').replace('\r\n\r\n', `${client === broken ? '\r\nX-Fault: 1' : ''}\r\n\r\n`));
  await broken!.ended;
  for (const client of clients) if (client !== broken) await client.until(/^HTTP\/1\.1 200 /);
});
