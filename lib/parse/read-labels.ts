import { BACKSLASH, CLOSING_BRACE, COMMA, EQUALS, LINE_FEED, QUOTE } from './characters.ts';
import type { KnownLabels } from './known-labels.ts';
import type { LabelList } from './label-list.ts';
import { readLabelName, readQuoted } from './read-names.ts';
import type { Scanner } from './scanner.ts';

/**
 * Reads labels from behind the opening brace to behind the closing one into an empty list, and returns them by name.
 *
 * Labels whose names the family has had before, in the same order and without escapes or blanks, take the short way: a
 * comparison with the text before the value, and a look for the quote behind it. From the first other one on, all go
 * through {@link readRest}.
 */
export function readLabels(scanner: Scanner, known: KnownLabels, list: LabelList): Map<string, string> {
  const labels = new Map<string, string>();
  const { text, codes } = scanner;
  const { names } = known;
  let at = scanner.at;
  for (let rank = 0; rank < names.length; rank++) {
    const { name, opening } = names[rank]!;
    if (!scanner.isAt(at, opening)) continue;
    const valueStart = at + opening.length;
    let end = valueStart;
    let code = codes[end]!;
    while (code !== QUOTE && code !== BACKSLASH && code !== LINE_FEED) code = codes[++end]!;
    const after = codes[end + 1];
    if (code !== QUOTE || (after !== COMMA && after !== CLOSING_BRACE)) break;
    const value = text.slice(valueStart, end);
    list.push(name, value, at, valueStart);
    labels.set(name, value);
    list.end = end + 1;
    list.lastRank = rank;
    at = end + 2;
    if (after === COMMA) continue;
    scanner.at = at;
    return labels;
  }
  scanner.at = at;
  readRest(scanner, known, list, labels);
  return labels;
}

/** Reads labels in any of their spellings, from before a label name or the closing brace. */
function readRest(scanner: Scanner, known: KnownLabels, list: LabelList, labels: Map<string, string>): void {
  const areBlanksAllowed = !scanner.format.isOpenMetrics;
  let plainStart = scanner.at;
  if (areBlanksAllowed) scanner.skipBlanks();
  let isFirst = labels.size === 0;
  while (scanner.code() !== CLOSING_BRACE || !(isFirst || areBlanksAllowed)) {
    isFirst = false;
    const start = scanner.at;
    const read = readLabelName(scanner);
    const rank = known.rank(read);
    const name = known.names[rank]?.name ?? read;
    if (labels.has(name)) scanner.fail(start, 'each label name once in a sample');
    if (areBlanksAllowed) scanner.skipBlanks();
    if (scanner.code() !== EQUALS) scanner.fail(scanner.at, `"=" after the label name ${name}`);
    scanner.at++;
    if (areBlanksAllowed) scanner.skipBlanks();
    if (scanner.code() !== QUOTE) scanner.fail(scanner.at, 'a label value in double quotes');
    const valueStart = scanner.at + 1;
    const value = readQuoted(scanner, 'label value');
    list.push(name, value, start, valueStart);
    labels.set(name, value);
    list.end = scanner.at;
    // No other spelling of a name, with what stands around it, is as long as the plain one.
    const isPlainName = start === plainStart && valueStart - start === known.names[rank]?.opening.length;
    const isPlainValue = list.end - 1 - valueStart === value.length && !value.includes('\\');
    if (!isPlainName || !isPlainValue || rank <= list.lastRank) list.isPlain = false;
    list.lastRank = rank;
    plainStart = list.end + 1;
    if (areBlanksAllowed) scanner.skipBlanks();
    const code = scanner.code();
    if (code === CLOSING_BRACE) break;
    if (code !== COMMA) scanner.fail(scanner.at, '"," or "}" after a label value', undefined, ESCAPE_REMEDY);
    scanner.at++;
    if (areBlanksAllowed) scanner.skipBlanks();
  }
  scanner.at++;
}

const ESCAPE_REMEDY = 'A quote inside a value is written \\".';
