import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AllowList } from '../../../lib/server/guard/addresses.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { ask } from '../ask.ts';
import { connectRaw, get } from '../raw-client.ts';
import { startServer } from '../start-server.ts';

test('AllowList.has() takes addresses and ranges, IPv4 and IPv6, at their edges', () => {
  const list = new AllowList(['10.1.2.0/23', '192.0.2.7', '2001:db8::/33', '::1']);
  for (const address of ['10.1.2.0', '10.1.3.255', '192.0.2.7', '2001:db8::', '2001:db8:7fff:ffff::1', '::1']) {
    assert.equal(list.has(address), true, address);
  }
  for (const address of ['10.1.1.255', '10.1.4.0', '192.0.2.8', '2001:db8:8000::', '::2', 'fe80::1', '127.0.0.1']) {
    assert.equal(list.has(address), false, address);
  }
});

test('AllowList.has() knows an IPv4 address in IPv6 notation, in the list and at the socket', () => {
  const list = new AllowList(['10.0.0.0/8', '::ffff:192.168.0.0/112']);
  for (const address of ['10.9.9.9', '::ffff:10.9.9.9', '::ffff:a09:909', '192.168.5.5', '::ffff:192.168.5.5']) {
    assert.equal(list.has(address), true, address);
  }
  for (const address of ['::ffff:11.0.0.1', '11.0.0.1', '::ffff:192.169.0.1', '::10.9.9.9']) {
    assert.equal(list.has(address), false, address);
  }
});

test('AllowList.has() passes over the interface of a link-local address, and refuses what is no address', () => {
  const list = new AllowList(['fe80::/10']);
  assert.equal(list.has('fe80::1%eth0'), true);
  for (const address of [undefined, '', 'localhost', 'fe80::1/64']) assert.equal(list.has(address), false);
});

test('AllowList.has() of an empty list is false for everybody, of /0 true for the family', () => {
  assert.equal(new AllowList([]).has('127.0.0.1'), false);
  const all = new AllowList(['0.0.0.0/0']);
  assert.deepEqual(
    [all.has('203.0.113.9'), all.has('::ffff:203.0.113.9'), all.has('2001:db8::1')],
    [true, true, false],
  );
});

test('AllowList.has() agrees with arithmetic on random ranges and addresses', () => {
  const random = new SeededRandom(20_261_124);
  const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
  let inside = 0;
  for (let i = 0; i < 5_000; i++) {
    const network = random.int(2 ** 32);
    const length = random.int(33);
    // Near the range, so that about half are in it.
    const address = (network ^ random.int(2 ** Math.min(32, 33 - length))) >>> 0;
    const size = 2 ** (32 - length);
    const expected = Math.floor(network / size) === Math.floor(address / size);
    const list = new AllowList([`${dotted(network)}/${length}`]);
    assert.equal(list.has(dotted(address)), expected, `${dotted(network)}/${length} ${dotted(address)}`);
    assert.equal(list.has(`::ffff:${dotted(address)}`), expected);
    if (expected) inside++;
  }
  assert.ok(inside > 1_000 && inside < 4_000, `${inside} inside`);
});

test('AllowList refuses what is no address and no range', () => {
  const bad = [
    '',
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '10.0.0.0/-1',
    '10.0.0.0/0x8',
    '/8',
  ];
  for (const range of bad) {
    assert.throws(() => new AllowList([range]), {
      name: 'RangeError',
      message:
        'Cannot create a metrics server: expected allow to be an array of addresses and CIDR ranges, ' +
        `got ${JSON.stringify(range)} in it. Write 10.0.0.0/8, ::1 or the like.`,
    });
  }
  assert.throws(() => new AllowList('10.0.0.0/8' as unknown as string[]), {
    name: 'TypeError',
    message: /got "10.0.0.0\/8"\.$/,
  });
  assert.throws(() => new AllowList([10] as unknown as string[]), { name: 'TypeError', message: /got 10 in it\.$/ });
});

test('MetricsServer with allow lets those addresses in, and closes other connections without an answer', async (t) => {
  const open = await startServer(t, { allow: ['127.0.0.0/8'] });
  assert.equal((await ask(`${open.url}/metrics`)).status, 200);
  const shut = await startServer(t, { allow: ['192.0.2.0/24', '::1'] });
  const client = await connectRaw(t, shut.port);
  client.socket.write(get('/health'));
  assert.match(await client.ended, /^(end|close|ECONNRESET|EPIPE)$/);
  assert.equal(client.text(), '');
});

test('AllowList() refuses prefixes with leading zeros and addresses with an interface, which it cannot mean', () => {
  for (const range of [
    '10.0.0.0/08',
    '::1/00',
    '::1/0128',
    '10.0.0.0/+8',
    '10.0.0.0/8 ',
    'fe80::1%eth0/64',
    'fe80::1%eth0',
    '10.0.0.0/8/8',
  ]) {
    assert.throws(
      () => new AllowList([range]),
      { name: 'RangeError', message: /expected allow to be an array of addresses/ },
      range,
    );
  }
});

test('AllowList never takes an IPv6 range for IPv4 addresses, unless it is within ::ffff:0:0/96', () => {
  for (const range of ['::/0', '::/64', '::/80']) {
    const list = new AllowList([range]);
    for (const address of ['11.0.0.1', '::ffff:11.0.0.1', '127.0.0.1'])
      assert.equal(list.has(address), false, `${range} ${address}`);
    assert.equal(list.has('::1'), true, range);
  }
  for (const range of ['::ffff:0:0/96', '0:0:0:0:0:FFFF:0.0.0.0/96']) {
    const list = new AllowList([range]);
    assert.deepEqual([list.has('11.0.0.1'), list.has('::ffff:11.0.0.1'), list.has('::1')], [true, true, false], range);
  }
  for (const range of ['::ffff:10.0.0.0/8', '::ffff:10.0.0.0/95', '0:0:0:0:0:ffff:a00:0/8', '::ffff:10.0.0.0/0']) {
    assert.throws(
      () => new AllowList([range]),
      { name: 'RangeError', message: /expected allow to be an array of addresses/ },
      range,
    );
  }
});
