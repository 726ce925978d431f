/** A format that a scrape may ask for. */
export interface FuzzFormat {
  readonly accept: string;
  readonly protocol: 'text' | 'openmetrics' | 'openmetrics2' | 'protobuf';
  readonly escaping: Escaping;
  /** Whether `_created` lines are asked for; protobuf and OpenMetrics 2.0 have the times in any case. */
  readonly hasCreatedLines: boolean;
}

/** How names are written that not every scraper reads. */
export type Escaping = 'underscores' | 'allow-utf-8' | 'dots' | 'values';

const ESCAPINGS: readonly Escaping[] = ['underscores', 'allow-utf-8', 'dots', 'values'];
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** Every format and escaping there is. */
export const FUZZ_FORMATS: readonly FuzzFormat[] = [false, true].flatMap((hasCreatedLines): FuzzFormat[] => [
  { accept: 'text/plain;version=0.0.4', protocol: 'text', escaping: 'underscores', hasCreatedLines },
  {
    accept: 'application/openmetrics-text;version=0.0.1',
    protocol: 'openmetrics',
    escaping: 'underscores',
    hasCreatedLines,
  },
  ...ESCAPINGS.flatMap((escaping): FuzzFormat[] => [
    { accept: `text/plain;version=1.0.0;escaping=${escaping}`, protocol: 'text', escaping, hasCreatedLines },
    {
      accept: `application/openmetrics-text;version=1.0.0;escaping=${escaping}`,
      protocol: 'openmetrics',
      escaping,
      hasCreatedLines,
    },
    {
      accept: `application/openmetrics-text;version=2.0.0;escaping=${escaping}`,
      protocol: 'openmetrics2',
      escaping,
      hasCreatedLines,
    },
    { accept: `${PROTOBUF};escaping=${escaping}`, protocol: 'protobuf', escaping, hasCreatedLines },
  ]),
]);

/**
 * A name as a format has it, by the tables of the documentation. Escaped label names begin with one `_` at most, since two
 * are reserved.
 *
 * @see https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export function escapedName(name: string, escaping: Escaping, isLabel: boolean): string {
  const plain = isLabel ? /^\w$/ : /^[\w:]$/;
  const characters = [...name];
  const isLegal = characters.every((character, i) => plain.test(character) && (i > 0 || !/\d/.test(character)));
  switch (escaping) {
    case 'allow-utf-8':
      return name;
    case 'underscores':
      return isLegal
        ? name
        : free(characters.map((character) => (plain.test(character) ? character : '_')).join(''), isLabel);
    case 'dots':
      return free(characters.map((character) => dotted(character, plain)).join(''), isLabel);
    case 'values':
      return isLegal ? name : `U__${characters.map((character) => valued(character, plain)).join('')}`;
  }
}

function free(escaped: string, isLabel: boolean): string {
  return isLabel && escaped.startsWith('__') ? `_${escaped.replace(/^_+/, '')}` : escaped;
}

function dotted(character: string, plain: RegExp): string {
  if (character === '.') return '_dot_';
  return character === '_' || !plain.test(character) ? '__' : character;
}

function valued(character: string, plain: RegExp): string {
  if (character === '_') return '__';
  return plain.test(character) ? character : `_${character.codePointAt(0)!.toString(16)}_`;
}

/**
 * A label value as it is exposed: a surrogate that UTF-8 cannot carry is replaced by U+FFFD and its code, and a U+FFFD that
 * would read as such a replacement gets its own code.
 */
export function exposedValue(value: string): string {
  let text = '';
  for (let at = 0; at < value.length; at++) {
    const code = value.codePointAt(at)!;
    const isLone = code >= 0xd800 && code <= 0xdfff;
    const isMisleading = code === 0xfffd && /^(fffd)*d[89a-f][0-9a-f]{2}/.test(value.slice(at + 1));
    text += isLone || isMisleading ? `\ufffd${code.toString(16)}` : String.fromCodePoint(code);
    if (code > 0xffff) at++;
  }
  return text;
}
