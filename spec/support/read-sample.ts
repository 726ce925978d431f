import { parseFloatText } from './parse-float-text.ts';
import type { ParsedSample } from './parsed-family.ts';
import { refusal } from './refusal.ts';
import { requireMetricName } from './require-metric-name.ts';

/**
 * Reads one sample line, `name{label="value",…} value timestamp`, of which labels and timestamp may be left out.
 *
 * Stricter than the format where it allows two ways of writing the same: exactly one space before value and timestamp,
 * none elsewhere, no empty braces, no trailing comma. Throws a SyntaxError that names `line`, counted from 1.
 */
export function readSample(text: string, line: number): ParsedSample {
  if (/[ \t]$/.test(text)) throw refusal(line, 'no blank at the end of the line', text);
  const nameEnd = text.search(/[{ ]|$/);
  const name = requireMetricName(text.slice(0, nameEnd), line);
  const labels = new Map<string, string>();
  const labelsEnd = text[nameEnd] === '{' ? readLabels(text, nameEnd + 1, line, labels) : nameEnd;
  return { name, labels, ...readNumbers(text.slice(labelsEnd), line) };
}

/** Reads from the first label name to the closing brace into `labels`; returns the index after the brace. */
function readLabels(text: string, start: number, line: number, labels: Map<string, string>): number {
  let at = start;
  for (;;) {
    const nameEnd = at + text.slice(at).search(/[=,}"]|$/);
    const name = requireLabelName(text.slice(at, nameEnd), line);
    if (labels.has(name)) throw refusal(line, 'each label name once in a sample', name);
    if (!text.startsWith('="', nameEnd)) throw refusal(line, `=" after the label name ${name}`, text.slice(nameEnd));
    const close = closingQuote(text, nameEnd + 2, name, line);
    labels.set(name, unescapeLabelValue(text.slice(nameEnd + 2, close), line));
    if (text[close + 1] === '}') return close + 2;
    if (text[close + 1] !== ',') {
      throw refusal(line, `, or } after the value of ${name} (a quote inside a value is \\")`, text.slice(close + 1));
    }
    at = close + 2;
  }
}

function requireLabelName(name: string, line: number): string {
  if (name === '') throw refusal(line, 'a label name (no empty braces, no trailing comma)', name);
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw refusal(line, 'a label name', name);
  if (name === '__name__') throw refusal(line, 'a label name other than the reserved one', name);
  return name;
}

/** The index of the first quote from `start` on that no backslash escapes. */
function closingQuote(text: string, start: number, name: string, line: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  const rest = text.slice(start);
  throw refusal(line, `a closing quote after the value of ${name} (a newline inside a value is \\n)`, rest);
}

function unescapeLabelValue(escaped: string, line: number): string {
  return escaped.replace(/\\(.)/gsu, (escape, character: string) => {
    if (character === 'n') return '\n';
    if (character === '\\' || character === '"') return character;
    throw refusal(line, 'one of the escapes \\\\ \\" \\n in a label value', escape);
  });
}

/** Reads ` value` or ` value timestamp`. */
function readNumbers(text: string, line: number): { value: number; timestamp?: number } {
  const [before, valueText, timestampText, ...more] = text.split(' ');
  if (before !== '' || valueText === undefined) throw refusal(line, 'one space and a value after the series', text);
  if (valueText === '' || timestampText === '') throw refusal(line, 'one space between series, value, timestamp', text);
  if (more.length > 0) throw refusal(line, 'nothing after value and timestamp', more.join(' '));
  const value = parseFloatText(valueText);
  if (value === undefined) throw refusal(line, 'a value: a decimal number, NaN, +Inf or -Inf', valueText);
  if (timestampText === undefined) return { value };
  return { value, timestamp: readTimestamp(timestampText, line) };
}

/** The format allows any int64; one that a double cannot hold is refused here rather than rounded. */
function readTimestamp(text: string, line: number): number {
  const timestamp = Number(text);
  if (!/^(0|-?[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(timestamp)) {
    throw refusal(line, 'a timestamp in whole milliseconds', text);
  }
  return timestamp;
}
