import type { FamilyAssembly, OpenFamily } from './families.ts';
import { OPENMETRICS_TYPES } from './format.ts';
import { readFamilyName, unescaped } from './names.ts';
import type { ParsedType } from './parsed-family.ts';
import { LINE_FEED, type Scanner, SPACE, shown } from './scanner.ts';

/** Reads a text line that begins with `#`, up to its line feed: HELP, TYPE or a comment. */
export function readTextMetadata(scanner: Scanner, families: FamilyAssembly): void {
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  scanner.at++;
  scanner.skipBlanks();
  if (takeWord(scanner, 'HELP')) readTextHelp(scanner, families, lineEnd);
  else if (takeWord(scanner, 'TYPE')) readTextType(scanner, families, lineEnd);
  scanner.at = lineEnd;
}

/** Skips a word and the blanks after it. */
function takeWord(scanner: Scanner, word: string): boolean {
  const { at } = scanner;
  if (!scanner.take(word)) return false;
  const end = scanner.at;
  scanner.skipBlanks();
  if (scanner.at > end || scanner.code() === LINE_FEED) return true;
  scanner.at = at;
  return false;
}

/** The help text begins after one blank and includes all others, also those at its end. */
function readTextHelp(scanner: Scanner, families: FamilyAssembly, lineEnd: number): void {
  const nameStart = scanner.at;
  const name = readFamilyName(scanner);
  const family = families.describe(name, nameStart, 'HELP');
  if (family.help !== undefined) reportSecond(scanner, nameStart, 'HELP', family);
  const end = scanner.at;
  scanner.skipBlanks();
  if (scanner.at === end && end < lineEnd) scanner.fail(end, 'a blank after the metric name');
  family.help ??= unescaped(scanner, Math.min(end + 1, lineEnd), lineEnd);
}

function readTextType(scanner: Scanner, families: FamilyAssembly, lineEnd: number): void {
  const nameStart = scanner.at;
  const name = readFamilyName(scanner);
  const family = families.describe(name, nameStart, 'TYPE');
  if (family.hasType) reportSecond(scanner, nameStart, 'TYPE', family);
  const nameEnd = scanner.at;
  scanner.skipBlanks();
  const typeStart = scanner.at;
  const typeText = scanner.text.slice(typeStart, lineEnd);
  const type =
    typeStart === nameEnd ? undefined : (TEXT_TYPES.get(typeText) ?? TEXT_TYPES.get(typeText.replace(/[ \t]+$/, '')));
  if (type === undefined) {
    scanner.fail(typeStart, `one of the types ${[...TEXT_TYPES.keys()].join(', ')}`, shown(typeText));
  }
  if (!family.hasType) families.setType(family, type, nameStart);
}

/** Reads an OpenMetrics HELP, TYPE or UNIT line up to its line feed. The caller reads EOF. */
export function readOpenMetricsMetadata(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  if (scanner.take('# HELP ')) readOpenMetricsHelp(scanner, families);
  else if (scanner.take('# TYPE ')) readOpenMetricsType(scanner, families);
  else if (scanner.take('# UNIT ')) readUnit(scanner, families);
  else {
    const line = scanner.text.slice(at, scanner.text.indexOf('\n', at));
    scanner.fail(at, '"# TYPE ", "# UNIT ", "# HELP " or "# EOF"', shown(line), 'OpenMetrics has no comments.');
  }
}

function readOpenMetricsHelp(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  const family = readFamily(scanner, families, 'HELP');
  if (family.help !== undefined) reportSecond(scanner, at, 'HELP', family);
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  families.openMetrics2?.checkHelp(scanner, lineEnd);
  family.help ??= unescaped(scanner, scanner.at, lineEnd);
  scanner.at = lineEnd;
}

function readOpenMetricsType(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  const family = readFamily(scanner, families, 'TYPE');
  if (family.hasType) reportSecond(scanner, at, 'TYPE', family);
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  const text = scanner.text.slice(scanner.at, lineEnd);
  const type = OPENMETRICS_TYPES.find((name) => name === text);
  if (type === undefined) scanner.fail(scanner.at, `one of the types ${OPENMETRICS_TYPES.join(', ')}`, shown(text));
  if (!family.hasType) families.setType(family, type, at);
  checkUnit(scanner, families, family);
  scanner.at = lineEnd;
}

function readUnit(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  const family = readFamily(scanner, families, 'UNIT');
  if (family.unit !== undefined) reportSecond(scanner, at, 'UNIT', family);
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  // In OpenMetrics 1.0 the family's name has to end with it, so its characters need no check.
  family.unit ??= scanner.text.slice(scanner.at, lineEnd);
  checkUnit(scanner, families, family);
  scanner.at = lineEnd;
}

/** Reads the name and the space after it. */
function readFamily(scanner: Scanner, families: FamilyAssembly, keyword: string): OpenFamily {
  const start = scanner.at;
  const name = readFamilyName(scanner);
  if (scanner.code() !== SPACE) scanner.fail(scanner.at, `one space after the metric name in ${keyword}`);
  scanner.at++;
  return families.describe(name, start, keyword);
}

/** In lenient parsing the first line of a kind counts. */
function reportSecond(scanner: Scanner, at: number, keyword: string, family: OpenFamily): void {
  scanner.tolerate(() => scanner.fail(at, `one ${keyword} line for ${family.name}`, 'a second'));
}

/**
 * Checks the unit of a family, if it has one, against its name and type (OpenMetrics 1.0, "Unit", "StateSet", "Info").
 * Called after the unit and after the type; a fault is reported at the scanner's position.
 */
function checkUnit(scanner: Scanner, { openMetrics2 }: FamilyAssembly, family: OpenFamily): void {
  const { name, unit = '' } = family;
  const type = family.settled?.type;
  if (openMetrics2 !== undefined) {
    openMetrics2.checkFamily(scanner, name, unit, type);
    return;
  }
  if (unit === '') return;
  if (!name.endsWith(`_${unit}`)) scanner.fail(scanner.at, `a unit that ${name} ends with, behind an underscore`);
  const mayHaveUnit = type !== 'info' && type !== 'stateset';
  if (!mayHaveUnit) scanner.fail(scanner.at, `no unit on ${name}, which is of type ${type}`, unit);
}

/** The types by their names in the text formats. */
const TEXT_TYPES: ReadonlyMap<string, ParsedType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);
