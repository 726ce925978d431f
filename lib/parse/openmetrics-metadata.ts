import { SPACE } from './characters.ts';
import type { FamilyAssembly } from './family-assembly.ts';
import type { OpenFamily } from './open-family.ts';
import type { ParsedType } from './parsed-family.ts';
import { readFamilyName, unescaped } from './read-names.ts';
import { checkUnit } from './rules/unit.ts';
import { shown, type Scanner } from './scanner.ts';

const TYPES: ReadonlySet<string> = new Set<ParsedType>([
  'counter',
  'gauge',
  'histogram',
  'summary',
  'info',
  'stateset',
  'gaugehistogram',
  'unknown',
]);

/** Reads a line of OpenMetrics that begins with `#`, up to its line feed: HELP, TYPE or UNIT. EOF is the caller's. */
export function readOpenMetricsMetadata(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  if (scanner.take('# HELP ')) readHelp(scanner, families);
  else if (scanner.take('# TYPE ')) readType(scanner, families);
  else if (scanner.take('# UNIT ')) readUnit(scanner, families);
  else {
    const line = scanner.text.slice(at, scanner.text.indexOf('\n', at));
    scanner.fail(at, '"# TYPE ", "# UNIT ", "# HELP " or "# EOF"', shown(line), 'OpenMetrics has no comments.');
  }
}

function readHelp(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  const family = readFamily(scanner, families, 'HELP');
  if (family.help !== undefined) failSecond(scanner, at, 'HELP', family);
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  family.help = unescaped(scanner, scanner.at, lineEnd);
  scanner.at = lineEnd;
}

function readType(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  const family = readFamily(scanner, families, 'TYPE');
  if (family.hasType) failSecond(scanner, at, 'TYPE', family);
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  const type = scanner.text.slice(scanner.at, lineEnd);
  if (!isType(type)) scanner.fail(scanner.at, `one of the types ${[...TYPES].join(', ')}`, shown(type));
  families.setType(family, type, at);
  checkUnit(scanner, family);
  scanner.at = lineEnd;
}

function readUnit(scanner: Scanner, families: FamilyAssembly): void {
  const { at } = scanner;
  const family = readFamily(scanner, families, 'UNIT');
  if (family.unit !== undefined) failSecond(scanner, at, 'UNIT', family);
  const lineEnd = scanner.text.indexOf('\n', scanner.at);
  // Its characters need no look: it must be a part of the family's name.
  family.unit = scanner.text.slice(scanner.at, lineEnd);
  checkUnit(scanner, family);
  scanner.at = lineEnd;
}

/** Reads the name and the one space behind it. */
function readFamily(scanner: Scanner, families: FamilyAssembly, keyword: string): OpenFamily {
  const start = scanner.at;
  const name = readFamilyName(scanner);
  if (scanner.code() !== SPACE) scanner.fail(scanner.at, `one space after the metric name in ${keyword}`);
  scanner.at++;
  return families.describe(name, start, keyword);
}

function failSecond(scanner: Scanner, at: number, keyword: string, family: OpenFamily): never {
  scanner.fail(at, `one ${keyword} line for ${family.name}`, 'a second');
}

function isType(text: string): text is ParsedType {
  return TYPES.has(text);
}
