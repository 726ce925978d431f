import { LINE_FEED } from './characters.ts';
import type { FamilyAssembly } from './family-assembly.ts';
import type { ParsedType } from './parsed-family.ts';
import { readFamilyName, unescaped } from './read-names.ts';
import { shown, type Scanner } from './scanner.ts';

/** The types by their names in the text formats. */
const TYPES: ReadonlyMap<string, ParsedType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/** Reads a line of the text formats that begins with `#`, up to its line feed: HELP, TYPE, or a comment. */
export function readTextMetadata(scanner: Scanner, families: FamilyAssembly): void {
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  scanner.at++;
  scanner.skipBlanks();
  if (takeWord(scanner, 'HELP')) readHelp(scanner, families, lineEnd);
  else if (takeWord(scanner, 'TYPE')) readType(scanner, families, lineEnd);
  scanner.at = lineEnd;
}

/** Steps over a word and the blanks behind it. */
function takeWord(scanner: Scanner, word: string): boolean {
  const { at } = scanner;
  if (!scanner.take(word)) return false;
  const end = scanner.at;
  scanner.skipBlanks();
  if (scanner.at > end || scanner.code() === LINE_FEED) return true;
  scanner.at = at;
  return false;
}

/** One blank ends the name. What stands behind it is the text, blanks at its start and end included. */
function readHelp(scanner: Scanner, families: FamilyAssembly, lineEnd: number): void {
  const nameStart = scanner.at;
  const name = readFamilyName(scanner);
  const family = families.describe(name, nameStart, 'HELP');
  if (family.help !== undefined) scanner.fail(nameStart, `one HELP line for ${name}`, 'a second');
  const end = scanner.at;
  scanner.skipBlanks();
  if (scanner.at === end && end < lineEnd) scanner.fail(end, 'a blank after the metric name');
  family.help = unescaped(scanner, Math.min(end + 1, lineEnd), lineEnd);
}

function readType(scanner: Scanner, families: FamilyAssembly, lineEnd: number): void {
  const nameStart = scanner.at;
  const name = readFamilyName(scanner);
  const family = families.describe(name, nameStart, 'TYPE');
  if (family.hasType) scanner.fail(nameStart, `one TYPE line for ${name}`, 'a second');
  const nameEnd = scanner.at;
  scanner.skipBlanks();
  const typeStart = scanner.at;
  const typeText = scanner.text.slice(typeStart, lineEnd);
  const type = typeStart === nameEnd ? undefined : (TYPES.get(typeText) ?? TYPES.get(typeText.replace(/[ \t]+$/, '')));
  if (type === undefined) {
    scanner.fail(typeStart, `one of the types ${[...TYPES.keys()].join(', ')}`, shown(typeText));
  }
  families.setType(family, type, nameStart);
}
