import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutSecrets } from '../../lib/push/secrets.ts';
import type { PushRequest } from '../../lib/push/send-request.ts';
import { SeededRandom } from '../support/seeded-random.ts';

function request(auth: string, headers: PushRequest['headers'] = {}, query = ''): PushRequest {
  const url = new URL(`http://127.0.0.1:9091/metrics/job/x${query}`);
  const rest = { body: undefined, timeout: 1000, signal: undefined, receiver: 'Pushgateway' };
  return { method: 'PUT', url, connection: { auth }, headers, ...rest };
}

type Encode = (text: string) => string;

const bytesAs =
  (format: (byte: number) => string): Encode =>
  (text) =>
    [...Buffer.from(text)].map(format).join('');
const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
const charactersAs =
  (format: (character: string) => string): Encode =>
  (text) =>
    [...text].map(format).join('');
const specialsAs = (format: (character: string) => string): Encode =>
  charactersAs((c) => (/[A-Za-z0-9]/.test(c) ? c : format(c)));
const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '@': '&commat;',
  é: '&eacute;',
};
const base64: Encode = (text) => Buffer.from(text).toString('base64');

const ENCODINGS: Readonly<Record<string, Encode>> = {
  'as it is': (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (text) => encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
  'percent-encoded to the last letter': bytesAs((byte) => `%${hex(byte)}`),
  'percent-encoded by UTF-16': charactersAs((c) =>
    [...Array(c.length).keys()].map((i) => `%u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  ),
  'by escape() of JavaScript': (text) => escape(text),
  'in quoted-printable': specialsAs(bytesAs((byte) => `=${hex(byte).toUpperCase()}`)),
  'in quoted-printable to the last letter': bytesAs((byte) => `=${hex(byte)}`),
  'as a form': (text) => new URLSearchParams({ q: text }).toString().slice(2),
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in JSON': (text) => JSON.stringify(text),
  'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'in JSON of ASCII': charactersAs((c) =>
    [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  ),
  'in JSON with escaped slashes': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'in HTML by decimal numbers': specialsAs((c) => `&#${c.codePointAt(0)};`),
  'in HTML by hexadecimal numbers': specialsAs((c) => `&#x${c.codePointAt(0)!.toString(16)};`),
  'in HTML by long numbers': specialsAs((c) => `&#x0${c.codePointAt(0)!.toString(16).toUpperCase()};`),
  'in HTML by names': charactersAs((c) => named[c] ?? c),
  'in HTML, percent-encoded': (text) => specialsAs((c) => `&#${c.codePointAt(0)};`)(encodeURIComponent(text)),
  'in HTML of JSON': (text) => charactersAs((c) => named[c] ?? c)(JSON.stringify(text)),
  'in bytes of hexadecimal numbers': specialsAs(bytesAs((byte) => `\\x${hex(byte)}`)),
  'in bytes of octal numbers': specialsAs(bytesAs((byte) => `\\${byte.toString(8).padStart(3, '0')}`)),
  'in code points of braces': specialsAs((c) => `\\u{${c.codePointAt(0)!.toString(16)}}`),
  'in base64': base64,
  'in base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'in base64, percent-encoded': (text) => encodeURIComponent(base64(text)),
  'in base64 in lines': (text) => base64(text).replace(/.{5}/g, '$&\r\n'),
  'in base64 with more around it': (text) => base64(`user ${text} of this gateway`),
  'in base64 twice': (text) => base64(base64(text)),
  'in hexadecimal': bytesAs(hex),
  'in hexadecimal, in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'in lower case': (text) => text.toLowerCase(),
  'in upper case': (text) => text.toUpperCase(),
  'broken over lines': (text) => text.replace(/.{4}/gu, '$&\n'),
  'as bytes that are no UTF-8': (text) => charactersAs((c) => (c.codePointAt(0)! < 128 ? c : '\uFFFD'))(text),
  'as UTF-8 read as Latin-1': (text) => Buffer.from(text).toString('latin1'),
};

const PASSWORDS = [
  'p@ss w0rd/é',
  'hunter22',
  'a+b c%41&amp;"\\n<',
  "x%y'z;{}|^`~€",
  '100%25 sure',
  'pass:with:colons',
  'deadbeef41',
];

/** Without the quotation marks of an encoding, which are no part of the secret. */
function bare(shown: string): string {
  return shown.replace(/&quot;|["\\=]/g, '');
}

test('withoutSecrets() finds a password, token and credentials in every encoding', () => {
  for (const secret of PASSWORDS) {
    const auth = `us er:${secret}`;
    const requests = [
      request(auth),
      request('', { authorization: `Bearer ${secret}` }),
      request('', { 'x-key': secret }),
      request('', {}, `?key=${encodeURIComponent(secret)}`),
    ];
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      for (const [i, one] of requests.entries()) {
        const shown = withoutSecrets(`before ${encode(secret)} after`, one);
        assert.match(bare(shown), /^before …\s*after$/, `${secret} ${name}, request ${i}: ${shown}`);
      }
      const shown = withoutSecrets(`before ${encode(base64(auth))} after`, request(auth));
      assert.match(bare(shown), /^before …\s*after$/, `base64 of ${auth} ${name}: ${shown}`);
    }
  }
});

test('withoutSecrets() finds the start of a secret wherever it is cut off', () => {
  const auth = 'user:correct horse battery';
  for (const encode of [ENCODINGS['as it is']!, encodeURIComponent, base64]) {
    const whole = encode('correct horse battery');
    const wholeAuth = base64(auth);
    for (let length = 3; length < whole.length; length++) {
      for (const end of ['', '…', '...', '"}', '"]}']) {
        const shown = withoutSecrets(`bad password: ${whole.slice(0, length)}${end}`, request(auth));
        assert.match(shown, /^bad password: …(?:%20)?$/, `${whole.slice(0, length)}${end}`);
      }
    }
    for (let length = 12; length < whole.length; length++) {
      const shown = withoutSecrets(`bad: ${whole.slice(0, length)} (was cut off)`, request(auth));
      assert.match(shown, /^bad: …\S{0,7} \(was cut off\)$/);
    }
    for (let length = 4; length < wholeAuth.length; length++) {
      assert.equal(
        withoutSecrets(`Authorization: Basic ${wholeAuth.slice(0, length)}`, request(auth)),
        'Authorization: Basic …',
      );
    }
  }
});

test('withoutSecrets() finds a secret at every place of a long text, and shows no part of it', () => {
  for (let before = 1950; before < 2100; before++) {
    const shown = withoutSecrets(
      `${'x'.repeat(before)}correct-horse ${' '.repeat(70_000)}correct-ho`,
      request('user:correct-horse'),
    );
    assert.doesNotMatch(shown, /cor/);
  }
});

test('withoutSecrets() knows the credentials of a header, the parts of a cookie, and a token in the place of a name', () => {
  const cases: readonly (readonly [PushRequest, string])[] = [
    [request('', { authorization: `Basic ${base64('user:s3cret-word')}` }), 's3cret-word'],
    [request('', { authorization: `basic ${base64('user:s3cret-word')}` }), base64('user:s3cret-word')],
    [request('', { cookie: 'session=s3cret-word; theme=dark' }), 's3cret-word'],
    [request('', { 'x-keys': ['first-key', 's3cret-word'] }), 's3cret-word'],
    [request('', { authorization: 'Token token="s3cret-word", v=1' }), 's3cret-word'],
    [request('s3cret-word:'), 's3cret-word'],
    [request('a-name-that-is-a-token-of-31-chars:x-oauth-basic'), 'a-name-that-is-a-token-of-31-chars'],
    [request('', {}, '?s3cret-word'), 's3cret-word'],
    [request('', {}, '?a=1&b=s3cret-word&c=2'), 's3cret-word'],
    [request('user:1'), '1'],
  ];
  for (const [one, secret] of cases) {
    const shown = withoutSecrets(`refused ${secret} here`, one);
    assert.ok(!shown.includes(secret), shown);
    assert.match(shown, /^refused \S+ here$/);
  }
});

test('withoutSecrets() leaves all other text as it is, on one line', () => {
  const text =
    'pushed metrics are invalid:\n  text format parsing error in line 1: "%41" &amp; \\u0041 dGhpcyBpcyBmaW5l';
  const expected = text.replace(/\s+/g, ' ');
  assert.equal(withoutSecrets(text, request('')), expected);
  assert.equal(withoutSecrets(text, request('user:hunter22', { 'x-key': 'tok-en' }, '?key=other')), expected);
  assert.equal(withoutSecrets(' \n ', request('user:hunter22')), '');
});

test('withoutSecrets() never throws, and never shows the secret, whatever stands around it', () => {
  const random = new SeededRandom(12);
  for (let i = 0; i < 300; i++) {
    const secret = `S${random.text(12).replace(/[\s+\0]/g, '_')}-0`;
    const shown = withoutSecrets(
      `${random.text(40)}%${secret}&#${secret}\\u${secret}${random.text(40)}`,
      request(`u:${secret}`),
    );
    assert.ok(!shown.includes(secret), JSON.stringify([secret, shown]));
  }
  for (const text of ['%', '&#', '&#x110000;', '&#9999999;', '\\u{110000}', '\\', '%ff%fe', '\ud800', '&;', '\\777'])
    withoutSecrets(text, request('u:hunter22'));
});

test('withoutSecrets() takes no longer for a text of any length than for one of 2,048 characters', () => {
  const secrets = request(`u:${'a'.repeat(5000)}`, { authorization: `Bearer ${'%25'.repeat(500)}` });
  for (const part of ['%25', '&', 'a', '\\', '&a', 'ordinary text, ']) {
    const time = (length: number): number => {
      const text = part.repeat(length / part.length);
      const times = Array.from({ length: 3 }, () => {
        const start = performance.now();
        withoutSecrets(text, secrets);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    const [short, long] = [time(2048), time(64 * 1024)];
    // 32 times as long if it were linear. The rest is for a busy machine.
    assert.ok(long < 8 * short + 10, `${part}: ${short} and ${long} ms`);
  }
});
