import { LINE_FEED, MINUS, NINE, PLUS, SPACE, TAB, ZERO } from './characters.ts';
import type { SampleLine } from './sample-line.ts';
import { scanNumber } from './scan-number.ts';
import type { Scanner } from './scanner.ts';

/** Reads what the text formats have behind the labels: a value, and maybe a timestamp in milliseconds. */
export function readTextNumbers(line: SampleLine): void {
  const { scanner } = line;
  const { codes } = scanner;
  scanner.skipBlanks();
  line.valueStart = scanner.at;
  const end = scanNumber(scanner, scanner.at);
  const code = end === -1 ? NaN : codes[end]!;
  const isNumber = code === LINE_FEED || code === SPACE || code === TAB;
  if (!isNumber) line.failValue('a value: a decimal number, NaN, +Inf or -Inf');
  line.value = scanner.number;
  scanner.at = end;
  if (code === LINE_FEED) return;
  scanner.skipBlanks();
  if (scanner.code() === LINE_FEED) return;
  line.timestampStart = scanner.at;
  line.timestampSeconds = readMilliseconds(scanner) / 1000;
  scanner.skipBlanks();
  if (scanner.code() !== LINE_FEED) scanner.fail(scanner.at, 'the end of the line after the timestamp');
}

/** Reads an int64; one that a double cannot hold exactly is rounded. */
function readMilliseconds(scanner: Scanner): number {
  const { codes, at: start } = scanner;
  let at = start;
  let code = codes[at]!;
  if (code === MINUS || code === PLUS) code = codes[++at]!;
  const digitsStart = at;
  while (code >= ZERO && code <= NINE) code = codes[++at]!;
  const isNumber = at > digitsStart && (code === LINE_FEED || code === SPACE || code === TAB);
  if (!isNumber) scanner.fail(start, 'a timestamp in whole milliseconds, or the end of the line', undefined, REMEDY);
  const milliseconds = Number(scanner.text.slice(start, at));
  if (!Number.isSafeInteger(milliseconds)) {
    const most = milliseconds < 0 ? '9223372036854775808' : '9223372036854775807';
    const digits = scanner.text.slice(digitsStart, at).replace(/^0+/, '');
    const isTooLarge = digits.length > most.length || (digits.length === most.length && digits > most);
    if (isTooLarge) scanner.fail(start, 'a timestamp that an int64 can hold');
  }
  scanner.at = at;
  return milliseconds;
}

const REMEDY = 'Exemplars, and timestamps in seconds, are read in OpenMetrics.';
