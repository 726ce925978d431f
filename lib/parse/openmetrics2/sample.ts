import { LabelList, type LabelName } from '../labels.ts';
import type { ParsedExemplar, ParsedSample, ParsedType } from '../parsed-family.ts';
import type { SampleChecks } from '../rules/metrics.ts';
import type { SampleLine } from '../sample-line.ts';
import { HASH, LINE_FEED, OPENING_BRACE, type Scanner, SPACE } from '../scanner.ts';
import { type CompositeValue, readComposite } from './composite-value.ts';
import { NUMBER, readNumber, readRealNumber } from './tokens.ts';
import { checkComposite, checkNumber, checkParts, type SampleParts } from './value-rules.ts';

/** Reads a sample from behind its labels up to the line feed: ` 1 1700000000 st@1600000000 # {} 1 1700000000`. */
export function readSample(line: SampleLine, type: ParsedType, checks: SampleChecks): ParsedSample {
  const { scanner } = line;
  const parts = readParts(line);
  const { value } = parts;
  scanner.tolerate(() => {
    if (typeof value === 'number') checkNumber(line, type);
    else checkComposite(line, type, value);
  });
  scanner.tolerate(() => checkParts(line, type, parts));
  scanner.tolerate(() => checks.add(line));
  return sampleOf(line, parts);
}

function readParts(line: SampleLine): SampleParts {
  const { scanner } = line;
  if (scanner.code() !== SPACE) scanner.fail(scanner.at, 'one space and a value');
  scanner.at++;
  line.valueStart = scanner.at;
  const value =
    scanner.code() === OPENING_BRACE ? readComposite(scanner) : readNumber(scanner, `a value: ${NUMBER}, or "{"`);
  line.value = typeof value === 'number' ? value : value.count;
  const next = scanner.codes[scanner.at + 1];
  if (scanner.code() === SPACE && next !== HASH && next !== LOWER_S) {
    line.timestampStart = ++scanner.at;
    line.timestampSeconds = readRealNumber(scanner, END_OF_SAMPLE);
  }
  const startAt = scanner.at + 1;
  const startSeconds = scanner.take(' st@') ? readRealNumber(scanner, 'a start timestamp in seconds') : undefined;
  const exemplarsAt = scanner.at + 1;
  const exemplars: ParsedExemplar[] = [];
  while (scanner.take(' # {')) exemplars.push(readExemplar(scanner));
  if (scanner.code() !== LINE_FEED) scanner.fail(scanner.at, END_OF_SAMPLE);
  return { value, startSeconds, startAt, exemplars, exemplarsAt };
}

function readExemplar(scanner: Scanner): ParsedExemplar {
  exemplarLabels.clear(exemplarNames);
  exemplarLabels.read(scanner);
  const labels = exemplarLabels.byName;
  takeSpace(scanner, 'one space and a value of the exemplar');
  const value = readNumber(scanner, `a value of the exemplar: ${NUMBER}`);
  takeSpace(scanner, 'one space and the timestamp of the exemplar');
  return { labels, value, timestampSeconds: readRealNumber(scanner, 'the timestamp of the exemplar in seconds') };
}

function takeSpace(scanner: Scanner, expected: string): void {
  if (scanner.code() !== SPACE) scanner.fail(scanner.at, expected);
  scanner.at++;
}

/** Sets only the properties that the line has, so that equal samples are deeply equal. */
function sampleOf({ name, labels, value, timestampSeconds }: SampleLine, parts: SampleParts): ParsedSample {
  const { startSeconds, exemplars } = parts;
  return {
    name,
    labels: labels.byName,
    value,
    ...(timestampSeconds === undefined ? undefined : { timestampSeconds }),
    ...(startSeconds === undefined ? undefined : { startSeconds }),
    ...(exemplars.length === 0 ? undefined : { exemplars }),
    ...(typeof parts.value === 'number' ? undefined : distributionOf(parts.value, parts)),
  };
}

function distributionOf(value: CompositeValue, { startSeconds, exemplars }: SampleParts): Partial<ParsedSample> {
  const { count, sum, quantiles, buckets, native } = value;
  if (quantiles !== undefined) return { summary: { count, sum, quantiles } };
  const whole = native && {
    ...native,
    count,
    sum,
    createdSeconds: startSeconds,
    exemplars: exemplars.map((exemplar) => ({ ...exemplar, labels: Object.fromEntries(exemplar.labels) })),
  };
  return {
    histogram: {
      count,
      sum,
      ...(buckets === undefined ? undefined : { buckets }),
      ...(whole === undefined ? undefined : { native: whole }),
    },
  };
}

/** Written and read in one call. Their names are those of exemplars, of which there are few. */
const exemplarLabels = new LabelList(new Map());
const exemplarNames: LabelName[] = [];
const LOWER_S = 115;
const END_OF_SAMPLE =
  'a timestamp in seconds, "st@" of a start timestamp, "# {" of an exemplar, or the end of the line';
