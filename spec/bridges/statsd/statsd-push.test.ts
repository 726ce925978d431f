import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type StatsdPushOptions, startStatsdPush, startStatsdServer } from '../../../lib/bridges/statsd/index.ts';
import { Counter, Gauge, MetricsRegistry } from '../../../lib/core.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { everyKind } from '../every-kind.ts';
import { receiveStream, receiveUdp } from '../line-receiver.ts';
import { samplesOf } from './received.ts';

/** A registry that counts by hand, and a push that is called by hand. */
function counting(options: StatsdPushOptions): {
  jobs: Counter<never>;
  push: () => Promise<void>;
  registry: MetricsRegistry;
} {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const { push } = bound(startStatsdPush({ registry, intervalSeconds: Infinity, ...options }));
  return { jobs, push, registry };
}

function bound<T extends { push(): Promise<void> }>(pushes: T): { push: () => Promise<void> } {
  return { push: () => pushes.push() };
}

/** What lines of `jobs_total` add up to. */
function jobsIn(lines: readonly string[]): number {
  return lines.reduce((total, line) => total + Number(/^jobs_total:(\d+)\|c/.exec(line)?.[1] ?? 0), 0);
}

test('startStatsdPush() sends datagrams of at most maxPacketBytes, each of whole lines', async (t) => {
  const receiver = await receiveUdp(t);
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 1000; i++) gauge.set({ i: `é${i}` }, i);
  gauge.set({ i: 'x'.repeat(2000) }, 1);
  await startStatsdPush({ registry, port: receiver.port, intervalSeconds: Infinity }).push();
  await until('1,001 lines', () =>
    receiver.lines().filter((line) => line.startsWith('many')).length === 1001 ? true : undefined,
  );
  const long = receiver.packets.filter((packet) => Buffer.byteLength(packet) > 1432);
  assert.deepEqual(
    long.map((packet) => packet.split('\n').length),
    [1],
  );
  for (const line of receiver.lines()) assert.match(line, /^[\w.]+:\d+(?:\.\d+)?\|[cg](?:\|#.+)?$/);
  assert.ok(receiver.packets.length < 40, `${receiver.packets.length} packets`);
});

for (const protocol of ['udp', 'tcp', 'unix'] as const) {
  test(`startStatsdPush() reaches a StatsD server by ${protocol}, which then has the same numbers`, {
    skip: protocol === 'unix' && process.platform === 'win32',
  }, async (t) => {
    const received = new MetricsRegistry();
    const socketPath = join(temporaryFolder(t), 's');
    const server = await startStatsdServer({
      registry: received,
      udpPort: protocol === 'udp' ? 0 : false,
      ...(protocol === 'tcp' ? { tcpPort: 0 } : protocol === 'unix' ? { socketPath } : {}),
    });
    t.after(() => server.close());
    const { registry, scans } = everyKind();
    const port = server.udpPort ?? server.tcpPort;
    const place = protocol === 'unix' ? { socketPath } : { protocol, port: port! };
    const push = startStatsdPush({ registry, ...place, intervalSeconds: Infinity });
    await push.push();
    scans.inc({ strategy: 'swing' });
    await push.close();
    await until('both pushes', async () => {
      const samples = await samplesOf(received, /^scans/);
      return samples.includes('scans_total{region="eu",strategy="swing"} 4') ? true : undefined;
    });
    const expected = [
      'depth{i="0",region="eu"} 7',
      'depth{i="1",region="eu"} -2.5',
      'size_bytes_sum_total{region="eu"} 200',
    ];
    const samples = await samplesOf(received);
    for (const sample of expected) assert.ok(samples.includes(sample), `${sample}:\n${samples.join('\n')}`);
  });
}

test('startStatsdPush() loses no count while a receiver is down, and counts nothing twice', async (t) => {
  const first = await receiveStream(t);
  const { jobs, push } = counting({ protocol: 'tcp', port: first.port });
  jobs.inc(3);
  await push();
  await until('the first push', () => (jobsIn(first.lines()) === 3 ? true : undefined));
  await first.close();
  jobs.inc(4);
  await assert.rejects(push(), {
    code: 'ECONNREFUSED',
    message:
      /^Cannot push metrics to 127\.0\.0\.1:\d+ \(tcp\): expected a receiver that takes them, got .*ECONNREFUSED/,
  });
  jobs.inc(5);
  const second = await receiveStream(t, { port: first.port, host: '127.0.0.1' });
  await push();
  await push();
  await until('the count of both', () => (jobsIn(second.lines()) === 9 ? true : undefined));
});

test('startStatsdPush() gives up on a receiver that hangs, and sends the rest the next time', async (t) => {
  const hanging = await receiveStream(t, undefined, (socket) => socket.pause());
  const { jobs, push, registry } = counting({ protocol: 'tcp', port: hanging.port, timeoutSeconds: 0.3 });
  // More than the system holds for a receiver that does not read.
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 100_000; i++) many.set({ i: `${'x'.repeat(100)}${i}` }, i);
  const last = new Counter({ name: 'last_total', help: 'Last.', registers: [registry] });
  jobs.inc(3);
  last.inc(5);
  await assert.rejects(push(), { code: 'ETIMEDOUT', message: /expected the receiver to take them within 0\.3 s/ });
  await hanging.close();
  many.clear();
  const reading = await receiveStream(t, { port: hanging.port, host: '127.0.0.1' });
  await push();
  await until('the rest', () => (reading.lines().includes('last_total:5|c') ? true : undefined));
  assert.equal(jobsIn(reading.lines()), 0, 'had been taken by the system');
});

test('startStatsdPush() sends datagrams to nobody without an error, as UDP is', async (t) => {
  const receiver = await receiveUdp(t);
  await receiver.close();
  const { jobs, push } = counting({ port: receiver.port });
  jobs.inc();
  await push();
  await push();
});

test('startStatsdPush() sends what comes after a line that no datagram can carry, and says so', async (t) => {
  const receiver = await receiveUdp(t);
  const { jobs, push, registry } = counting({ port: receiver.port });
  const huge = new Gauge({ name: 'huge', help: 'Huge.', labelNames: ['text'], registers: [registry] });
  huge.set({ text: 'x'.repeat(70_000) }, 1);
  jobs.inc(3);
  new Gauge({ name: 'last', help: 'Last.', registers: [registry] }).set(4);
  await assert.rejects(push(), /\(udp\): expected lines that are not too long for it, got 1 of up to 700\d\d bytes/);
  await until('the last line', () => (receiver.lines().includes('last:4|g') ? true : undefined));
  assert.equal(jobsIn(receiver.lines()), 3);
});

test('startStatsdPush() says which host has no address', async () => {
  const { push } = counting({ host: 'no-such-host.invalid' });
  await assert.rejects(
    push(),
    /^Error: Cannot push metrics to no-such-host\.invalid:8125 \(udp\): .*(ENOTFOUND|EAI_AGAIN)/,
  );
});

test('startStatsdPush() refuses options that it cannot use', () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [null as unknown as object, /options as an object, got null/],
    [{ prt: 1 }, /"prt"\. Look for a typing error/],
    [{ tags: 'datadog' }, /tags/],
    [{ prefix: 'a:b' }, /prefix/],
    [{ maxPacketBytes: 0 }, /maxPacketBytes/],
    [{ maxPacketBytes: 65_508 }, /maxPacketBytes of 65507 at most/],
    [{ quantiles: [2] }, /quantiles/],
    [{ quantiles: 0.5 }, /quantiles/],
    [{ port: 0 }, /port/],
    [{ host: '' }, /host/],
    [{ protocol: 'sctp' }, /protocol/],
    [{ socketPath: '/tmp/s', port: 1 }, /no port/],
    [{ socketPath: '' }, /socketPath/],
    [{ intervalSeconds: 0 }, /intervalSeconds/],
    [{ timeoutSeconds: 11 }, /timeoutSeconds/],
    [{ registry: {} }, /registry/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => startStatsdPush(options as StatsdPushOptions),
      (error: Error) => {
        assert.match(error.message, /^Cannot push metrics to [Ss]tats[Dd]: expected/);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});
