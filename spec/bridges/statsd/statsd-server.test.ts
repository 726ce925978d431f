import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type StatsdServerOptions, startStatsdServer } from '../../../lib/bridges/statsd/index.ts';
import type { StatsdServer } from '../../../lib/bridges/statsd/statsd-server.ts';
import { Gauge, MetricsRegistry } from '../../../lib/core.ts';
import { packageRoot } from '../../support/package-root.ts';
import { StartedProgram } from '../../support/started-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { turn } from '../../support/turn.ts';
import { until } from '../../support/until.ts';
import { whyNotBuilt } from '../../support/why-not-built.ts';
import { droppedBy, samplesOf } from './received.ts';

const ifBuilt = { skip: whyNotBuilt() };
const ifUnix = { skip: process.platform === 'win32' };

async function start(
  t: TestContext,
  options: StatsdServerOptions = {},
): Promise<{ server: StatsdServer; registry: MetricsRegistry }> {
  const registry = new MetricsRegistry();
  const server = await startStatsdServer({ registry, udpPort: 0, ...options });
  t.after(() => server.close());
  return { server, registry };
}

function sendUdp(port: number, ...packets: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = createSocket('udp4');
  const sends = packets.map((packet) => new Promise((resolve) => socket.send(packet, port, '127.0.0.1', resolve)));
  return Promise.all(sends).then(() => void socket.close());
}

/** Connects, and resolves when the connection is closed by the other side or has been reset. */
function closed(options: NetConnectOpts, use: (socket: Socket) => void): Promise<void> {
  const socket = connect(options, () => use(socket));
  socket.resume().on('error', () => undefined);
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

async function untilReceived(registry: MetricsRegistry, count: number): Promise<void> {
  await until(`${count} lines`, async () => {
    const [line] = await samplesOf(registry, /^metrics_client_statsd_lines_total/);
    return line?.endsWith(` ${count}`) === true ? true : undefined;
  });
}

test('startStatsdServer() receives UDP, on loopback unless told otherwise', async (t) => {
  const { server, registry } = await start(t);
  await sendUdp(server.udpPort!, 'a:1|c\nb:2|g', 'a:2|c', Uint8Array.of(0xff, 0x3a, 0x31, 0x7c, 0x63));
  await untilReceived(registry, 4);
  assert.deepEqual(await samplesOf(registry), ['__total 1', 'a_total 3', 'b 2']);
  assert.equal(server.tcpPort, undefined);
});

test('startStatsdServer() receives lines over TCP, however they are cut, and the last one without its end', async (t) => {
  const { server, registry } = await start(t, { udpPort: false, tcpPort: 0 });
  assert.equal(server.udpPort, undefined);
  await closed({ port: server.tcpPort!, host: '127.0.0.1' }, (socket) => {
    const bytes = Buffer.from('a:1|c|#city:Zürich\nb:2|g\nlast:3|c');
    let at = 0;
    const next = (): void => {
      if (at === bytes.length) return void socket.end();
      socket.write(bytes.subarray(at, at + 1), () => setImmediate(next));
      at++;
    };
    socket.setNoDelay(true);
    next();
  });
  assert.deepEqual(await samplesOf(registry), ['a_total{city="Zürich"} 1', 'b 2', 'last_total 3']);
  assert.deepEqual(await samplesOf(registry, /_connections_/), [
    'metrics_client_statsd_connections_total{transport="tcp"} 1',
  ]);
});

test('startStatsdServer() receives lines over a Unix stream socket, and removes its file', ifUnix, async (t) => {
  const socketPath = join(temporaryFolder(t), 'statsd.sock');
  const { server, registry } = await start(t, { udpPort: false, socketPath });
  await closed({ path: socketPath }, (socket) => socket.end('a:1|c\n'));
  assert.deepEqual(await samplesOf(registry), ['a_total 1']);
  await server.close();
  await assert.rejects(new Promise((_, reject) => connect(socketPath).on('error', reject)), { code: 'ENOENT' });
});

test('startStatsdServer() gives the event loop its turn after each read of a connection', async (t) => {
  const { server, registry } = await start(t, { tcpPort: 0 });
  const packets = registry.getSingleMetric('metrics_client_statsd_packets_total')!;
  const text = 'hits:1|c|#route:a\n'.repeat(250_000);
  const ended = closed({ port: server.tcpPort!, host: '127.0.0.1' }, (socket) => socket.end(text));
  let isOver = false;
  void ended.then(() => (isOver = true));
  let [before, most] = [0, 0];
  while (!isOver) {
    await turn();
    const count = packets.series.reduce((sum, one) => sum + ('value' in one ? one.value : 0), 0);
    most = Math.max(most, count - before);
    before = count;
  }
  assert.deepEqual(await samplesOf(registry), ['hits_total{route="a"} 250000']);
  assert.ok(before > 20, `${before} reads`);
  assert.ok(most <= 2, `${most} reads in one turn`);
});

test('startStatsdServer() ends a connection whose line never ends, and goes on with the others', async (t) => {
  const { server, registry } = await start(t, { tcpPort: 0 });
  const options = { port: server.tcpPort!, host: '127.0.0.1' };
  await closed(options, (socket) => {
    const more = (): void => void (socket.destroyed || socket.write('x'.repeat(4096), () => setImmediate(more)));
    more();
  });
  await closed(options, (socket) => socket.end('a:1|c\n'));
  assert.deepEqual(await samplesOf(registry), ['a_total 1']);
  assert.deepEqual(await droppedBy(registry), { too_long: 1 });
});

test('startStatsdServer() counts what a client sent that broke off', async (t) => {
  const { server, registry } = await start(t, { tcpPort: 0 });
  const socket = connect({ port: server.tcpPort!, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write('a:1|c\n');
  await untilReceived(registry, 1);
  socket.resetAndDestroy();
  await sendUdp(server.udpPort!, 'b:1|c');
  await untilReceived(registry, 2);
  assert.deepEqual(await samplesOf(registry), ['a_total 1', 'b_total 1']);
});

test('startStatsdServer() says which port is taken, and leaves nothing open', async (t) => {
  const { server } = await start(t, { tcpPort: 0 });
  const registry = new MetricsRegistry();
  for (const options of [{ udpPort: server.udpPort! }, { udpPort: 0, tcpPort: server.tcpPort! }]) {
    await assert.rejects(startStatsdServer({ registry, ...options }), {
      code: 'EADDRINUSE',
      message:
        /^Cannot start a StatsD server: expected to listen on (UDP|TCP) port \d+ of 127\.0\.0\.1, got .*EADDRINUSE/,
    });
  }
  await (await startStatsdServer({ registry, udpPort: 0 })).close();
});

test('startStatsdServer() serves a registry once at a time, and continues its metrics the next time', async (t) => {
  const { server, registry } = await start(t);
  await assert.rejects(startStatsdServer({ registry, udpPort: 0 }), /expected a registry without one/);
  await sendUdp(server.udpPort!, 'a:1|c');
  await untilReceived(registry, 1);
  await server.close();
  assert.deepEqual(await samplesOf(registry), ['a_total 1'], 'still there for a last scrape');
  const second = await startStatsdServer({ registry, udpPort: 0 });
  t.after(() => second.close());
  await sendUdp(second.udpPort!, 'a:1|c');
  await untilReceived(registry, 2);
  assert.deepEqual(await samplesOf(registry), ['a_total 2']);
});

test('startStatsdServer() that is refused leaves nothing in the registry, and can be called again', async () => {
  const registry = new MetricsRegistry();
  const taken = new Gauge({ name: 'metrics_client_statsd_packets_total', help: 'Taken.', registers: [registry] });
  await assert.rejects(startStatsdServer({ registry, udpPort: 0 }), /metrics_client_statsd_packets_total/);
  assert.deepEqual(
    (await registry.gather()).map(({ name }) => name),
    ['metrics_client_statsd_packets_total'],
  );
  registry.unregister(taken);
  await (await startStatsdServer({ registry, udpPort: 0 })).close();
});

test('StatsdServer.close() ends connections, and may be called twice', async (t) => {
  const { server } = await start(t, { tcpPort: 0 });
  const gone = closed({ port: server.tcpPort!, host: '127.0.0.1' }, () => void server.close());
  await gone;
  assert.equal(server.close(), server.close());
  await server.close();
});

test('startStatsdServer() exposes sets after flushSeconds', async (t) => {
  const { server, registry } = await start(t, { flushSeconds: 0.1 });
  await sendUdp(server.udpPort!, 'users:a|s\nusers:b|s');
  await until('a flush', async () => ((await samplesOf(registry)).includes('users 2') ? true : undefined), {
    pauseMilliseconds: 5,
  });
});

test('startStatsdServer() refuses options that it cannot use', async () => {
  const refuse = async (options: object | null, message: RegExp): Promise<void> => {
    await assert.rejects(startStatsdServer(options as StatsdServerOptions), (error: Error) => {
      assert.match(error.message, /^Cannot (start|create) a StatsD server: expected|^Cannot create histogram/);
      assert.match(error.message, message);
      return true;
    });
  };
  await refuse(null, /options as an object/);
  await refuse({ ruels: [] }, /"ruels"\. Look for a typing error/);
  await refuse({ registry: {} }, /registry/);
  await refuse({ host: '' }, /host/);
  await refuse({ udpPort: 65_536 }, /udpPort/);
  await refuse({ udpPort: '8125' }, /udpPort/);
  await refuse({ tcpPort: -1 }, /tcpPort/);
  await refuse({ socketPath: '' }, /socketPath/);
  await refuse({ socketPath: 'x'.repeat(104) }, /socketPath as a path of 103 bytes at most/);
  await refuse({ udpPort: false }, /to listen on/);
  await refuse({ receiveBufferBytes: 0.5 }, /receiveBufferBytes/);
  await refuse({ rules: {} }, /rules/);
  await refuse({ unmapped: 'ignore' }, /unmapped/);
  await refuse({ signedGauges: 'delta' }, /signedGauges/);
  await refuse({ maxSeries: 0 }, /maxSeries/);
  await refuse({ idleSeconds: -1 }, /idleSeconds/);
  await refuse({ flushSeconds: 0 }, /flushSeconds/);
  await refuse({ quantiles: [2] }, /quantiles/);
  await refuse({ buckets: [1], quantiles: [0.5] }, /both/);
  await refuse({ buckets: [2, 1] }, /buckets/);
});

/** Runs a program in a process of its own that has imported the package; resolves to what it printed. */
async function run(t: TestContext, program: string): Promise<string> {
  const imports = ['index', 'statsd'].map((name) => {
    return `import * as ${name} from ${JSON.stringify(pathToFileURL(join(packageRoot(), 'dist', 'bundle', `${name}.js`)).href)};`;
  });
  const args = ['--expose-gc', '--input-type=module', '--eval', `${imports.join('')}\n${program}`];
  const started = new StartedProgram(t, { program: process.execPath, args });
  const { code } = await started.ended;
  assert.equal(code, 0, started.output);
  return started.output;
}

test('StatsdServer.unref() lets the process end, with a connection open', ifBuilt, async (t) => {
  const output = await run(
    t,
    `const server = await statsd.startStatsdServer({ udpPort: 0, tcpPort: 0 });
     const { connect } = await import('node:net');
     const socket = connect(server.tcpPort, '127.0.0.1', () => { console.log('connected'); server.unref(); socket.unref(); });`,
  );
  assert.equal(output, 'connected\n');
});

test(
  'startStatsdServer() needs no more memory than maxSeries takes, whatever a hostile client sends',
  ifBuilt,
  async (t) => {
    // A million names, tags, values and members of sets, each of them new and as long as the server takes.
    const output = await run(
      t,
      `const registry = new index.MetricsRegistry();
     const server = await statsd.startStatsdServer({ registry, udpPort: false, tcpPort: 0, maxSeries: 1000, flushSeconds: 3600 });
     const { connect } = await import('node:net');
     const socket = connect(server.tcpPort, '127.0.0.1');
     const pad = 'p'.repeat(180);
     const lines = (i) => ['m' + i % 5000 + pad + ':1|c', 'one:1|c|#tag:' + pad + i, 'h' + i + ':1|ms|@0.1', 's:' + i + pad + '|s',
       'w:1|h|#t' + i + ':1', 'garbage' + pad + i, 'x:1|c|@0.' + i, 'a' + i + ',' + pad + '=' + i + ':1|g'].join('\\n') + '\\n';
     const heap = async () => { await new Promise(setImmediate); gc(); return process.memoryUsage().heapUsed; };
     const send = async (from, to) => {
       for (let i = from; i < to; i++) if (!socket.write(lines(i))) await new Promise((resolve) => socket.once('drain', resolve));
       const wanted = 8 * to;
       const counted = async () => Number(/^metrics_client_statsd_lines_total (\\d+)/m.exec(await registry.metrics())[1]);
       while (await counted() < wanted) await new Promise((resolve) => setTimeout(resolve, 20));
     };
     await send(0, 40_000);
     const before = await heap();
     await send(40_000, 125_000);
     const after = await heap();
     console.log(JSON.stringify({ before, after, series: (await registry.metrics()).split('\\n').filter((line) => /^[a-z].*_total/.test(line)).length }));
     process.exit();`,
    );
    const { before, after, series } = JSON.parse(/^\{.*\}$/m.exec(output)![0]) as Record<string, number>;
    t.diagnostic(`${Math.round(before! / 1e6)} MB, then ${Math.round(after! / 1e6)} MB; ${series} counters`);
    assert.ok(series! <= 1100, `${series} series`);
    // The targets that are kept, 65,536 at most, come and go.
    assert.ok(after! < before! + 40e6, `${before} bytes, then ${after}`);
  },
);

test(
  'startStatsdServer() keeps of what each client has sent only the line that it has not ended',
  ifBuilt,
  async (t) => {
    const output = await run(
      t,
      `const registry = new index.MetricsRegistry();
     const server = await statsd.startStatsdServer({ registry, udpPort: false, tcpPort: 0 });
     const { connect } = await import('node:net');
     const heap = async () => { await new Promise(setImmediate); gc(); return process.memoryUsage().heapUsed; };
     const text = 'hits:1|c\\n'.repeat(7000) + 'of a line that goes on later';
     const sockets = [];
     const send = async (count) => {
       for (let i = 0; i < count; i++) {
         const socket = connect(server.tcpPort, '127.0.0.1');
         sockets.push(socket);
         socket.write(text);
         const counted = async () => Number(/^hits_total (\\d+)/m.exec(await registry.metrics())?.[1] ?? 0);
         while (await counted() < 7000 * sockets.length) await new Promise((resolve) => setTimeout(resolve, 1));
       }
     };
     await send(20);
     const before = await heap();
     await send(200);
     const after = await heap();
     console.log(JSON.stringify({ before, after }));
     process.exit();`,
    );
    const { before, after } = JSON.parse(/^\{.*\}$/m.exec(output)![0]) as Record<string, number>;
    t.diagnostic(`${Math.round((after! - before!) / 200)} bytes a connection`);
    // Two sockets, of the client and of the server, take 10 KB; what a client sends at once is 64 KB.
    assert.ok(after! - before! < 200 * 25_000, `${before} bytes, then ${after}`);
  },
);
