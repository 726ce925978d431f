import type { PushRequest } from './send-request.ts';

/** As much of a text as is searched: far more than an error shows, and quickly done. */
const MAX_CHARACTERS = 2048;
/** As much of a secret as is compared; no more of it could stand by chance. */
const MAX_COMPARED = 128;
/** Encodings upon encodings that are seen through, such as `%2540` in JSON in HTML. */
const MAX_LAYERS = 4;
/** A prefix of this length counts as the secret, since an echo may be truncated. */
const MIN_START = 8;
/** The same at the end of a text, which is where most texts are cut off. */
const MIN_START_AT_END = 3;

/**
 * Returns a gateway's response or an error's text on one line, and replaces every secret of the request by `…`. A server
 * or proxy may echo the request in an encoding of its choice.
 *
 * The text is decoded layer by layer, and each layer is searched for the secrets. This covers percent-encoding, `+` for a
 * space, the escapes of HTML, JSON and most languages, base64, quoted-printable, any case, line breaks, and truncated secrets.
 */
export function withoutSecrets(text: string, request: PushRequest): string {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, MAX_CHARACTERS);
  const isSecret = new Uint8Array(line.length);
  const secrets = secretsOf(request).flatMap(searched);
  const search = (layer: Layer): void => {
    const folded = foldedOf(layer);
    const endOfText = folded.text.length - (CUT_OFF.exec(folded.text.slice(-32))?.[0].length ?? 0);
    for (const secret of secrets) mark(folded, endOfText, secret, isSecret);
  };
  const places = Array.from({ length: line.length }, (_, i) => i);
  let layer: Layer = { text: line, start: places, end: places.map((place) => place + 1) };
  for (let i = 0; i <= MAX_LAYERS; i++) {
    search(layer);
    // Beside the layers, since any long word may be taken for base64, and would be lost to those below.
    const inBase64 = decoded(layer, BASE64);
    search(inBase64);
    search(decoded(inBase64, ESCAPES));
    // The same goes for `=` and two letters or digits.
    search(decoded(layer, QUOTED_PRINTABLE));
    const inner = decoded(layer, ESCAPES);
    if (inner.text === layer.text) break;
    layer = inner;
  }
  let shown = '';
  for (let i = 0; i < line.length; i++) {
    if (isSecret[i] === 0) shown += line[i];
    else if (isSecret[i - 1] !== 1) shown += '…';
  }
  return shown;
}

/** A text, and for each of its characters where that begins and ends in the line that is shown. */
interface Layer {
  readonly text: string;
  readonly start: readonly number[];
  readonly end: readonly number[];
}

function secretsOf({ url, connection: { auth, passphrase }, headers }: PushRequest): string[] {
  const secrets = [passphrase ?? '', ...credentialsIn(auth ?? '')];
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('content-')) continue;
    for (const text of [value ?? ''].flat().map(String)) {
      // Of `Bearer abc`, `abc` is secret too, and so it is of `session="abc"; path=/`.
      const words = [text.indexOf(' '), text.lastIndexOf(' ')].map((space) => text.slice(space + 1));
      const values = text.split(/[;,]\s*/).map((part) => part.slice(part.indexOf('=') + 1).replace(/^"|"$/g, ''));
      const parts = [text, ...words, ...values];
      // A text as short as `1` is not a secret, and hiding it would garble every reason.
      secrets.push(...parts.filter((part) => part.length > 3));
      if (/^basic /i.test(text)) secrets.push(...credentialsIn(Buffer.from(text.slice(6), 'base64').toString()));
    }
  }
  for (const [name, value] of url.searchParams)
    secrets.push(...[value === '' ? name : value].filter((part) => part.length > 3));
  return secrets;
}

/** The password of `user:password`, and what basic authentication sends of both; the name where that is the token. */
function credentialsIn(auth: string): string[] {
  if (auth === '') return [];
  const [name = ''] = auth.split(':', 1);
  const password = auth.slice(name.length + 1);
  return [password, Buffer.from(auth).toString('base64'), ...(password === '' || name.length >= 20 ? [name] : [])];
}

/** The spellings of a secret to look for. If it looks encoded itself, the inner layers have it decoded. */
function searched(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const encoded = (['base64', 'base64url', 'hex', 'latin1'] as const).map((encoding) =>
    bytes.toString(encoding).replace(/=+$/, ''),
  );
  const unescaped = decoded({ text: secret, start: [], end: [] }, ESCAPES).text;
  const texts = [secret, unescaped, ...(secret.length > 3 ? encoded : [])];
  const folded = texts.map((text) => foldedOf({ text, start: [], end: [] }).text);
  return [...new Set(folded)].filter((text) => text !== '');
}

/** In lower case, and without what may stand for a space or break a line. */
function foldedOf({ text, start, end }: Layer): Layer {
  let folded = '';
  const [starts, ends]: [number[], number[]] = [[], []];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (/[\s+\0]/.test(character)) continue;
    // A few letters have two characters in lower case, which would have no places.
    const lower = character.toLowerCase();
    folded += lower.length === 1 ? lower : character;
    starts.push(start[i] ?? 0);
    ends.push(end[i] ?? 0);
  }
  return { text: folded, start: starts, end: ends };
}

/** Text that may follow a truncated secret: half an escape, dots, and what closes a quotation. */
const CUT_OFF = /(?:[%&\\][\w#%]{0,6})?[.\u2026]*["'>})\],]*$/;

/** Marks every place of the line where the secret, or enough of its start, stands. */
function mark({ text, start, end }: Layer, endOfText: number, secret: string, isSecret: Uint8Array): void {
  const compared = Math.min(secret.length, MAX_COMPARED);
  const enough = Math.min(secret.length, MIN_START);
  for (let i = 0; i < text.length; i++) {
    let length = 0;
    while (length < compared && isSame(text[i + length], secret[length]!)) length++;
    const isCutOff = i + length >= endOfText && length >= MIN_START_AT_END;
    if (length < enough && !isCutOff) continue;
    const next = length === compared ? i + secret.length : i + length;
    isSecret.fill(1, start[i], end[(isCutOff ? text.length : Math.min(next, text.length)) - 1]);
  }
}

/** A character that could not be decoded may have been any but a letter or digit of ASCII. */
function isSame(character: string | undefined, wanted: string): boolean {
  return character === wanted || (character === '\uFFFD' && !/[a-z0-9]/.test(wanted));
}

/** The decoders, in the order in which they are tried. */
type Decoders = readonly (readonly [pattern: string, decode: (escape: string) => string])[];

const ESCAPES: Decoders = [
  // Bytes, of ASCII one by one: %41 of URLs, \x41 and \101 of most languages.
  ['%[0-7][0-9a-f]|(?:%[89a-f][0-9a-f])+', (escape) => utf8(escape.replaceAll('%', ''))],
  ['\\\\x[0-7][0-9a-f]|(?:\\\\x[89a-f][0-9a-f])+', (escape) => utf8(escape.replaceAll(/\\x/gi, ''))],
  ['\\\\[01][0-7]{2}|(?:\\\\[23][0-7]{2})+', (escape) => utf8(escape.replaceAll(/\\.../g, hexOfOctal))],
  ['[\\\\%]u[0-9a-f]{4}', (escape) => String.fromCharCode(parseInt(escape.slice(2), 16))],
  ['\\\\u\\{[0-9a-f]{1,6}\\}', (escape) => character(parseInt(escape.slice(3), 16))],
  ['\\\\[nrt]', () => ' '],
  ['\\\\[^\\s\\w]', (escape) => escape.slice(1)],
  ['&#x0*[0-9a-f]{1,6};?', (escape) => character(parseInt(escape.slice(3), 16))],
  ['&#0*[0-9]{1,7};?', (escape) => character(parseInt(escape.slice(2), 10))],
  ['&amp;', () => '&'],
  // Any other name of HTML stands for what is no letter or digit of ASCII.
  ['&[a-z]{2,31};', () => '\uFFFD'],
];
const QUOTED_PRINTABLE: Decoders = [['(?:=[0-9a-f]{2})+', (escape) => utf8(escape.replaceAll('=', ''))]];
const BASE64: Decoders = [['[a-z0-9+/_-]{8,}={0,2}', base64Text]];

/** Decodes one layer. */
function decoded({ text, start, end }: Layer, decoders: Decoders): Layer {
  const pattern = new RegExp(decoders.map(([one]) => `(${one})`).join('|'), 'gi');
  let result = '';
  const [starts, ends]: [number[], number[]] = [[], []];
  const keep = (from: number, to: number): void => {
    result += text.slice(from, to);
    for (let i = from; i < to; i++) {
      starts.push(start[i] ?? 0);
      ends.push(end[i] ?? 0);
    }
  };
  let done = 0;
  for (const match of text.matchAll(pattern)) {
    const [escape, ...groups] = match;
    keep(done, match.index);
    done = match.index + escape.length;
    const [, decode] = decoders[groups.findIndex((group) => group !== undefined)]!;
    const plain = decode(escape);
    result += plain;
    for (let i = 0; i < plain.length; i++) {
      starts.push(start[match.index] ?? 0);
      ends.push(end[done - 1] ?? 0);
    }
  }
  keep(done, text.length);
  return { text: result, start: starts, end: ends };
}

function hexOfOctal(escape: string): string {
  return (parseInt(escape.slice(1), 8) & 0xff).toString(16).padStart(2, '0');
}

function utf8(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}

function character(codePoint: number): string {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : '\uFFFD';
}

/** What a word says in base64, if that is text; else the word. */
function base64Text(word: string): string {
  const text = Buffer.from(word, 'base64').toString();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character tells that it is no text
  return /^[^\0-\x08\x0e-\x1f\uFFFD]+$/.test(text) ? text : word;
}
