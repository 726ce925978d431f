import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal, plainDecimal } from '../../../lib/bridges/statsd/line-head.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { createReceiver, droppedBy, samplesOf } from './received.ts';

const PIECES = [
  ...[
    'a',
    'b.c',
    'x:1',
    ':',
    '|',
    '|c',
    '|g',
    '|ms',
    '|h',
    '|d',
    '|s',
    '|@',
    '|@0.5',
    '|#',
    '|#k:v',
    ',',
    ';',
    '#',
    '=',
    'k=v',
  ],
  ...[
    '\n',
    '\r\n',
    '1',
    '-1',
    '+2',
    '1e3',
    '1e999',
    '.',
    '1.',
    '.5',
    '0',
    'NaN',
    '_e{1,1}:a|b',
    '_sc|',
    '|T1',
    '\0',
    'é',
    '😀',
    '\ufffd',
  ],
];

test('plainDecimal() reads what it reads as Number() does, and leaves the rest to decimal()', () => {
  const random = new SeededRandom(16);
  let plain = 0;
  for (let i = 0; i < 50_000; i++) {
    const digits = (): string => String(random.int(10 ** (1 + random.int(9))));
    const text = random.pick([
      () => digits(),
      () => `${digits()}.${digits()}`,
      () => `.${digits()}`,
      () => `${digits()}.`,
      () => `${digits()}${digits()}`,
      () => random.text(6),
      () => `-${digits()}`,
    ])();
    const line = `name:${text}|c`;
    const value = plainDecimal(line, 5, 5 + text.length);
    if (Number.isNaN(value)) continue;
    plain++;
    assert.equal(value, Number(text), text);
    assert.equal(value, decimal(text), text);
  }
  assert.ok(plain > 20_000);
});

test('StatsdReceiver takes any text: it does not throw, stays within maxSeries, and what it exposes can be read', async () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = new SeededRandom(seed);
    const { registry, receiver } = createReceiver({ maxSeries: 50, ...(seed % 2 === 0 ? { quantiles: [0.5] } : {}) });
    for (let i = 0; i < 200; i++) {
      const length = random.int(40);
      let packet = '';
      for (let n = 0; n < length; n++) packet += random.int(8) === 0 ? random.text(8) : random.pick(PIECES);
      receiver.receive(packet, 'udp');
      if (i % 20 === 0) receiver.flush();
    }
    const samples = await samplesOf(registry);
    // Of each metric one more series for the overflow; a histogram has three of these samples.
    assert.ok(samples.length <= 2 * 3 * 50, `${samples.length} samples`);
    await droppedBy(registry);
  }
});

/** What counters come to, by a second, plainer reading of the protocol. */
function counted(lines: readonly string[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const line of lines) {
    const {
      name,
      value,
      rate = '1',
      tags = '',
    } = /^(?<name>[\w.]+):(?<value>[\d.]+)\|c(?:\|@(?<rate>[\d.]+))?(?:\|#(?<tags>.*))?$/.exec(line)!.groups as Record<
      string,
      string
    >;
    const labels = tags === '' ? [] : tags.split(',').map((tag) => `${tag.replace(':', '="')}"`);
    const key = `${name!.replaceAll('.', '_')}_total${labels.length === 0 ? '' : `{${labels.sort().join()}}`}`;
    totals.set(key, (totals.get(key) ?? 0) + Number(value) / Number(rate));
  }
  return totals;
}

test('StatsdReceiver counts what a plainer reading of the same lines counts, whatever their order', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new SeededRandom(seed);
    const { registry, receiver } = createReceiver();
    const lines = Array.from({ length: 1000 }, () => {
      const tags = ['a', 'b', 'c'].filter(() => random.int(3) === 0).map((name) => `${name}:${random.int(3)}`);
      const rate = random.pick(['', '|@0.5', '|@0.25']);
      const value = random.int(2) === 0 ? random.int(1000) : random.int(1000) / 8;
      return `${random.pick(['hits', 'app.calls', 'x'])}:${value}|c${rate}${tags.length === 0 ? '' : `|#${tags.join()}`}`;
    });
    for (let i = 0; i < lines.length; ) {
      const next = i + 1 + random.int(20);
      receiver.receive(lines.slice(i, next).join('\n'), 'udp');
      i = next;
    }
    const expected = [...counted(lines)].map(([key, total]) => `${key} ${total}`).sort();
    assert.deepEqual(await samplesOf(registry), expected);
  }
});
