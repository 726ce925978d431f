import { FamilySequence } from './family-sequence.ts';
import type { ParsedFamily, ParsedType } from './parsed-family.ts';
import { readSample } from './read-sample.ts';
import { refusal } from './refusal.ts';
import { requireMetricName } from './require-metric-name.ts';

export type { ParsedFamily, ParsedSample, ParsedType } from './parsed-family.ts';

/**
 * Parses a whole exposition in the Prometheus text format 0.0.4, and throws a SyntaxError naming the line of its first
 * fault.
 *
 * It is the second opinion on everything that the library writes, so it shares no code with it, and it is stricter than
 * the format: what our exposition has no reason to write is refused even where Prometheus would read it (comments other
 * than HELP and TYPE, blanks beyond one space, CR LF, empty braces, trailing commas, `+1`, `.5`, blank lines anywhere
 * but one between two families, a lone surrogate, which UTF-8 cannot carry, a summary without `_sum` or `_count`).
 *
 * It does not check conventions: names, units, labels that differ between the series of a family.
 *
 * @example
 * const [family] = parseExposition('# TYPE scans_total counter\nscans_total{strategy="swing"} 89\n');
 * family?.samples[0]?.labels.get('strategy'); // 'swing'
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parseExposition(text: string): ParsedFamily[] {
  requireWellFormed(text);
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  if (rest !== '') throw refusal(lines.length + 1, 'a newline at the end of the last line', rest);
  const sequence = new FamilySequence();
  for (const [index, line] of lines.entries()) readLine(sequence, line, index + 1);
  return sequence.finish(lines.length);
}

function requireWellFormed(text: string): void {
  const index = text.search(/\p{Surrogate}/u);
  if (index === -1) return;
  const line = text.slice(0, index).split('\n').length;
  throw refusal(line, 'text that UTF-8 can carry', text.charAt(index));
}

function readLine(sequence: FamilySequence, text: string, line: number): void {
  if (text.endsWith('\r')) throw refusal(line, 'lines that end in LF, not CR LF', text);
  if (text === '') sequence.addBlankLine(line);
  else if (text.startsWith('# HELP ')) readHelp(sequence, text.slice('# HELP '.length), line);
  else if (text.startsWith('# TYPE ')) readType(sequence, text.slice('# TYPE '.length), line);
  else if (text.startsWith('#')) throw refusal(line, 'no comment but "# HELP name text" and "# TYPE name type"', text);
  else sequence.addSample(readSample(text, line), line);
}

/** The text after the space that follows the name is taken as it is: blanks at its start and end belong to it. */
function readHelp(sequence: FamilySequence, text: string, line: number): void {
  const nameEnd = text.search(/ |$/);
  const name = requireMetricName(text.slice(0, nameEnd), line);
  sequence.addHelp(name, unescapeHelp(text.slice(nameEnd + 1), line), line);
}

function unescapeHelp(escaped: string, line: number): string {
  return escaped.replace(/\\(.?)/gsu, (escape, character: string) => {
    if (character === 'n') return '\n';
    if (character === '\\') return character;
    throw refusal(line, 'one of the escapes \\\\ \\n in HELP', escape);
  });
}

function readType(sequence: FamilySequence, text: string, line: number): void {
  const [nameText = '', type, ...more] = text.split(' ');
  const name = requireMetricName(nameText, line);
  if (more.length > 0) throw refusal(line, 'nothing after the type, one space before it', text);
  if (!isType(type)) throw refusal(line, 'counter, gauge, histogram, summary or untyped as TYPE', type);
  sequence.addType(name, type, line);
}

function isType(text: string | undefined): text is ParsedType {
  return text !== undefined && /^(counter|gauge|histogram|summary|untyped)$/.test(text);
}
