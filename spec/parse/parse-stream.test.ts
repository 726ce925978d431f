import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { type ExpositionChunks, type ParsedFamily, parse, parseStream } from '../../lib/parse/index.ts';

const TEXT_1 = 'text/plain; version=1.0.0';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; escaping=allow-utf-8';

/** Everything that a cut could fall into: escapes, characters of one to four bytes, every kind of line. */
const NASTY_TEXT = String.raw`# a comment: é漢😀
# HELP "é.漢" Say \"😀\"\\ and\n 漢.
 # TYPE  "é.漢" histogram

{"é.漢_bucket","l.😀"="\"}\\,\n{é漢😀","le"="0.5"} 1e0
{"é.漢_bucket","l.😀"="\"}\\,\n{é漢😀",le="+Inf" , } +2.50e+0 -12
{"é.漢_sum","l.😀"="\"}\\,\n{é漢😀"} NaN
{"é.漢_count","l.😀"="\"}\\,\n{é漢😀"} 2.5
plain_total{a="x",b="y"} 1
plain_total{a="x",b="z"} 2
plain_total { b = "😀" ,	a="y"} -Inf
`;
const NASTY_OPENMETRICS = String.raw`# TYPE "a_é" counter
# HELP "a_é" \x " 漢
{"a_é_total",b="😀\\"} 1 1.5 # {"t.é"="漢\"\n"} 0.5 12.25
# TYPE s stateset
s{s="😀"} 1
s{s="é"} 0
# EOF`;

/** An exposition and its content type, and what is wrong with it. */
const FAULTY: readonly (readonly [claim: string, text: string | Uint8Array, contentType: string])[] = [
  ['a fault in the last line', `${NASTY_TEXT}# TYPE x y\n`, TEXT_1],
  ['a fault in the first line', `0\n${NASTY_TEXT}`, TEXT_1],
  ['an incomplete histogram', NASTY_TEXT.replace(/.*_count.*\n/, ''), TEXT_1],
  ['no line feed at the end', NASTY_TEXT.slice(0, -1), TEXT_1],
  ['no EOF', NASTY_OPENMETRICS.slice(0, -1), OPENMETRICS],
  ['text behind EOF', `${NASTY_OPENMETRICS}\n\n`, OPENMETRICS],
  ['bytes that are no UTF-8', withBytes(`é 1\n# 漢😀`, [0xe6, 0xbc, 0x28], ' x\ny 1\n'), TEXT_1],
  ['half a character before a line feed', withBytes('a 1\n# é', [0xf0, 0x9f, 0x98], '\nb 1\n'), TEXT_1],
  ['half a character at the end', withBytes('a 1\nb', [0xf0, 0x9f, 0x98], ''), TEXT_1],
];

test('parseStream() gives the same wherever bytes are cut', async () => {
  for (const [text, contentType] of [
    [NASTY_TEXT, TEXT_1],
    [NASTY_OPENMETRICS, OPENMETRICS],
  ] as const) {
    const bytes = new TextEncoder().encode(text);
    const whole = parse(text, contentType);
    assert.ok(whole.length > 1);
    assert.deepEqual(
      await outcome(
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        contentType,
      ),
      whole,
    );
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(
        await outcome([bytes.subarray(0, cut), bytes.subarray(cut)], contentType),
        whole,
        `cut at ${cut}`,
      );
    }
  }
});

test('parseStream() gives the same wherever text is cut, between the halves of a character too', async () => {
  for (const [text, contentType] of [
    [NASTY_TEXT, TEXT_1],
    [NASTY_OPENMETRICS, OPENMETRICS],
  ] as const) {
    const whole = parse(text, contentType);
    assert.deepEqual(await outcome(text.split(''), contentType), whole);
    for (let cut = 0; cut <= text.length; cut++) {
      assert.deepEqual(await outcome([text.slice(0, cut), text.slice(cut)], contentType), whole, `cut at ${cut}`);
    }
  }
});

for (const [claim, text, contentType] of FAULTY) {
  test(`parseStream() gives the same error for ${claim}, wherever it is cut`, async () => {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const whole = errorOf(() => parse(text, contentType));
    assert.equal(
      await outcome(
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        contentType,
      ),
      whole,
    );
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.equal(await outcome([bytes.subarray(0, cut), bytes.subarray(cut)], contentType), whole, `cut at ${cut}`);
    }
  });
}

test('parse() and parseStream() say where text is no UTF-8', async () => {
  const bytes = withBytes('a 1\n# é漢😀', [0xff], '\n');
  const message = 'Cannot parse text 0.0.4: expected UTF-8, got the byte 0xff at line 2, column 7.';
  assert.equal(
    errorOf(() => parse(bytes)),
    message,
  );
});

for (const [claim, bytes] of [
  ['a byte that begins nothing', [0xff, 0x80]],
  ['a byte that only goes on', [0x80, 0x80]],
  ['an overlong form of two bytes', [0xc0, 0x80]],
  ['an overlong form of three bytes', [0xe0, 0x9f, 0xbf]],
  ['an overlong form of four bytes', [0xf0, 0x8f, 0xbf, 0xbf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ['two bytes of three', [0xe6, 0xbc]],
  ['three bytes of four', [0xf0, 0x9f, 0x98]],
] as const) {
  test(`parse() refuses ${claim}, and says where it stands`, () => {
    const text = withBytes('# é漢😀\u{10ffff}\ud7ff\ue000\na{b="\u0800', bytes, '"} 1\n');
    const byte = `0x${bytes[0].toString(16)}`;
    const message = `Cannot parse text 0.0.4: expected UTF-8, got the byte ${byte} at line 2, column 7.`;
    assert.equal(
      errorOf(() => parse(text)),
      message,
    );
  });
}

test('parseStream() refuses a surrogate without its other half, wherever the text is cut', async () => {
  const got = (surrogate: string, line: number, column: number) =>
    `Cannot parse text 0.0.4: expected text that UTF-8 can carry, got the lone surrogate \\u${surrogate} ` +
    `at line ${line}, column ${column}.`;
  for (const [text, message] of [
    ['a 1\n# é😀 \ud83dx\n', got('d83d', 2, 7)],
    ['a 1\n\ude00\n', got('de00', 2, 1)],
    ['a 1\n\ud83d\ud83d\ude00\n', got('d83d', 2, 1)],
  ] as const) {
    assert.equal(
      errorOf(() => parse(text)),
      message,
    );
    assert.equal(await outcome(text.split('')), message);
  }
  assert.equal(await outcome(['a 1\n#\ud83d', new TextEncoder().encode('\n')]), got('d83d', 2, 2));
});

test('parseStream() gives each family as soon as the next one begins', async () => {
  const log: string[] = [];
  async function* chunks() {
    for (const chunk of ['# TYPE a gauge\na 1\n', 'b 1\n', 'b{c="d"} 1\ne ', '1\n']) {
      log.push(`chunk ${JSON.stringify(chunk)}`);
      yield chunk;
    }
  }
  for await (const { name, samples } of parseStream(chunks())) log.push(`${name}: ${samples.length}`);
  assert.deepEqual(log, [
    'chunk "# TYPE a gauge\\na 1\\n"',
    'chunk "b 1\\n"',
    'a: 1',
    'chunk "b{c=\\"d\\"} 1\\ne "',
    'chunk "1\\n"',
    'b: 2',
    'e: 1',
  ]);
});

test('parseStream() gives the families before a fault', async () => {
  const names: string[] = [];
  const stream = async () => {
    for await (const { name } of parseStream(['a 1\nb 1\nc 1\n0\n'])) names.push(name);
  };
  await assert.rejects(stream, { name: 'SyntaxError' });
  assert.deepEqual(names, ['a', 'b']);
});

test('parseStream() closes its source when it is left early', async () => {
  let isClosed = false;
  function* chunks() {
    try {
      for (;;) yield 'a 1\nb 1\nc 1\n';
    } finally {
      isClosed = true;
    }
  }
  for await (const { name } of parseStream(chunks())) if (name === 'a') break;
  assert.ok(isClosed);
});

test('parseStream() passes on what its source throws', async () => {
  async function* chunks() {
    yield 'a 1\n';
    throw new Error('connection reset');
  }
  await assert.rejects(collected(chunks()), { message: 'connection reset' });
});

test('parseStream() reads chunks whose memory is used again', async () => {
  const bytes = new TextEncoder().encode(NASTY_TEXT);
  const memory = new Uint8Array(7);
  function* chunks() {
    for (let at = 0; at < bytes.length; at += memory.length) {
      memory.fill(0xff);
      memory.set(bytes.subarray(at, at + memory.length));
      yield memory.subarray(0, Math.min(memory.length, bytes.length - at));
    }
  }
  assert.deepEqual(await outcome(chunks(), TEXT_1), parse(NASTY_TEXT, TEXT_1));
});

test("parseStream() reads an exporter's chunks", async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 5000; i++) counter.inc({ i }, i);
  const exporter = new PrometheusExporter(registry);
  const [family] = await collected(parseStream(exporter.chunks()));
  assert.deepEqual(
    family?.samples.map(({ value }) => value),
    Array.from({ length: 5000 }, (_, i) => i),
  );
});

test('parseStream() refuses chunks that are neither text nor bytes', async () => {
  await assert.rejects(collected(parseStream([1] as unknown as string[])), {
    name: 'TypeError',
    message: 'Cannot parse an exposition: expected chunks of string or Uint8Array, got number.',
  });
});

function withBytes(before: string, bytes: readonly number[], after: string): Uint8Array {
  const encoder = new TextEncoder();
  return Uint8Array.from([...encoder.encode(before), ...bytes, ...encoder.encode(after)]);
}

/** The families of a stream, or the message of its error. */
async function outcome(chunks: ExpositionChunks, contentType?: string): Promise<ParsedFamily[] | string> {
  try {
    return await collected(parseStream(chunks, contentType));
  } catch (error) {
    return (error as Error).message;
  }
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Expected an error, got none.');
}
