import type { ParsedType } from '../parsed-family.ts';
import type { SampleLine } from '../sample-line.ts';

/** OpenMetrics 1.0, "Exemplars": how long names and values together may be, in code points. */
const MAX_CODE_POINTS = 128;

/** Holds an exemplar to where it may stand, and to its length. */
export function checkExemplar(line: SampleLine, type: ParsedType): void {
  const { exemplar, suffix } = line;
  if (exemplar === undefined) return;
  const isBucket = suffix === '_bucket' && (type === 'histogram' || type === 'gaugehistogram');
  if (!isBucket && suffix !== '_total') {
    line.scanner.fail(line.exemplarStart, `an exemplar only on a counter's _total or a bucket`, `one on ${line.name}`);
  }
  let length = 0;
  for (const [name, value] of exemplar.labels) length += codePoints(name) + codePoints(value);
  if (length > MAX_CODE_POINTS) {
    const expected = `at most ${MAX_CODE_POINTS} characters of names and values in an exemplar`;
    line.scanner.fail(line.exemplarStart, expected, String(length));
  }
}

/** Holds a bucket's exemplar to the bucket's range. A NaN is counted in the last bucket. */
export function requireExemplarInBucket(line: SampleLine, upperBound: number | undefined): void {
  if (line.exemplar === undefined || upperBound === undefined || upperBound === Infinity) return;
  if (!(line.exemplar.value <= upperBound)) {
    const got = String(line.exemplar.value);
    line.scanner.fail(line.exemplarStart, `an exemplar of at most ${upperBound}, as the bucket`, got);
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
