import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, parseStream } from '../../lib/parse/index.ts';

// Input that is made to hurt: it must end with a clear error, or be read, in time that grows with its length only. Each
// of these takes well under a second, and minutes if a loop is quadratic.

const MEBIBYTE = 2 ** 20;
const TOO_LONG =
  /^Cannot parse text 0\.0\.4: expected a line of at most 1048576 bytes, got a longer one at line 2, column 1\.$/;
const LIMIT_MILLISECONDS = 10_000;

for (const [claim, line] of [
  ['a label value', `a{b="${'x'.repeat(10 * MEBIBYTE)}"} 1\n`],
  ['a label value without its end', `a{b="${'x'.repeat(10 * MEBIBYTE)}`],
  ['escapes', `a{b="${'\\\\'.repeat(5 * MEBIBYTE)}"} 1\n`],
  ['a metric name', 'a'.repeat(10 * MEBIBYTE)],
  ['digits', `a ${'1'.repeat(10 * MEBIBYTE)}\n`],
  ['opening braces', '{'.repeat(10 * MEBIBYTE)],
  ['quotes', '"'.repeat(10 * MEBIBYTE)],
  ['NUL', '\0'.repeat(10 * MEBIBYTE)],
  ['blanks', `${' '.repeat(10 * MEBIBYTE)}\n`],
  ['a comment', `#${'#'.repeat(10 * MEBIBYTE)}\n`],
  ['a help text', `# HELP a ${'é'.repeat(5 * MEBIBYTE)}\n`],
] as const) {
  test(`parse() and parseStream() refuse a line of 10 MiB of ${claim}`, () =>
    inTime(async () => {
      const text = `z 1\n${line}`;
      assert.throws(() => parse(text), { name: 'SyntaxError', message: TOO_LONG });
      assert.throws(() => parse(new TextEncoder().encode(text)), { name: 'SyntaxError', message: TOO_LONG });
      await assert.rejects(drain(cut(text, 1000)), { name: 'SyntaxError', message: TOO_LONG });
    }));
}

test('parseStream() reads a line of 1 MiB and refuses one of a byte more, wherever they are cut', () =>
  inTime(async () => {
    for (const length of [1000, 16, 65_536, 2 * MEBIBYTE]) {
      assert.equal(await drain(cut(`${lineOf(MEBIBYTE, 1)}${lineOf(MEBIBYTE, 2)}b 1\n`, length)), 2);
      const refused = drain(cut(`z 1\n${lineOf(MEBIBYTE + 1, 1)}b 1\n`, length));
      await assert.rejects(refused, { name: 'SyntaxError', message: TOO_LONG });
    }
  }));

test('parse() refuses bytes of a file that is no text', () => {
  const gzip = Uint8Array.of(0x1f, 0x8b, 8, 0, 10, 0xff);
  const got = 'expected a metric name, got "\\u001f" at line 1, column 1.';
  assert.throws(() => parse(Uint8Array.from([0x1f, 10, ...gzip])), {
    name: 'SyntaxError',
    message: `Cannot parse text 0.0.4: ${got}`,
  });
  assert.throws(() => parse(gzip), {
    name: 'SyntaxError',
    message: /expected UTF-8, got the byte 0x8b at line 1, column 2\.$/,
  });
});

test('parse() reads a line with ninety thousand labels', () =>
  inTime(() => {
    const labels = Array.from({ length: 90_000 }, (_, i) => `l${i}="1"`);
    const [family] = parse(`a{${labels.join(',')}} 1\na{${labels.toReversed().join(',')},x="1"} 1\n`);
    assert.equal(family?.samples[1]?.labels.size, 90_001);
  }));

test('parse() refuses a series of ninety thousand labels that comes again in another order', () =>
  inTime(() => {
    const labels = Array.from({ length: 90_000 }, (_, i) => `l${i}="1"`);
    const text = `a{${labels.join(',')}} 1\na{${labels.toReversed().join(',')}} 1\n`;
    assert.throws(() => parse(text), /expected each series once/);
  }));

test('parse() reads a family whose every sample has label names of its own', () =>
  inTime(() => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `a{l${i}="1",m${i}="2"} 1\n`);
    assert.equal(parse(lines.join(''))[0]?.samples.length, 100_000);
  }));

test('parse() reads a hundred thousand families', () =>
  inTime(() => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `a_${i}_sum_count_bucket 1\n`);
    assert.equal(parse(lines.join('')).length, 100_000);
  }));

test('parse() reads a histogram of fifty thousand buckets, and a summary of as many quantiles', () =>
  inTime(() => {
    const buckets = Array.from({ length: 50_000 }, (_, i) => `h_bucket{le="${i}"} ${i}\n`).join('');
    const quantiles = Array.from({ length: 50_000 }, (_, i) => `s{quantile="${i / 50_000}"} 1\n`).join('');
    const text = `# TYPE h histogram\n${buckets}h_bucket{le="+Inf"} 50000\n# TYPE s summary\n${quantiles}# EOF\n`;
    assert.equal(parse(text, 'application/openmetrics-text').length, 2);
  }));

test('parse() reads histograms whose samples are interleaved', () =>
  inTime(() => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => i);
    const buckets = numbers.map((i) => `h_bucket{i="${i}",le="+Inf"} 1\n`).join('');
    const counts = numbers.map((i) => `h_count{i="${i}"} 1\n`).join('');
    assert.equal(parse(`# TYPE h histogram\n${buckets}${counts}`)[0]?.samples.length, 40_000);
  }));

/** A line of so many bytes without its line feed, in which every other character is escaped. */
function lineOf(bytes: number, digit: number): string {
  const length = bytes - 'a{l="1"} 1'.length;
  return `a{l="${digit}${'\\\\'.repeat(length / 2).padEnd(length, 'x')}"} 1\n`;
}

/**
 * Tells work that grows with the square of its input, which takes hours here, from work that does not. In processor time,
 * which other programs on the machine cannot stretch. (The test runner's own limit does not end what never gives the event
 * loop back.)
 */
async function inTime(run: () => void | Promise<void>): Promise<void> {
  const start = process.cpuUsage();
  await run();
  const { user } = process.cpuUsage(start);
  assert.ok(user / 1000 < LIMIT_MILLISECONDS, `${user / 1000} ms`);
}

function* cut(text: string, length: number): Generator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function drain(chunks: Iterable<string>): Promise<number> {
  let count = 0;
  for await (const _ of parseStream(chunks)) count++;
  return count;
}
