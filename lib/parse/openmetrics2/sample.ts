import type { ParsedExemplar, ParsedSample, ParsedType } from '../parsed-family.ts';
import type { SampleChecks } from '../rules/metrics.ts';
import { type SampleLine, sampleOf } from '../sample-line.ts';
import { HASH, LINE_FEED, OPENING_BRACE, SPACE } from '../scanner.ts';
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
  const sample = sampleOf(line);
  if (parts.startSeconds !== undefined) sample.startSeconds = parts.startSeconds;
  if (parts.exemplars.length > 0) sample.exemplars = parts.exemplars;
  return typeof value === 'number' ? sample : Object.assign(sample, distributionOf(value, parts));
}

function readParts(line: SampleLine): SampleParts {
  const { scanner } = line;
  scanner.takeSpace('one space and a value');
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
  while (scanner.take(' # {')) exemplars.push(readExemplar(line));
  if (scanner.code() !== LINE_FEED) scanner.fail(scanner.at, END_OF_SAMPLE);
  return { value, startSeconds, startAt, exemplars, exemplarsAt };
}

function readExemplar({ scanner, exemplarLabels }: SampleLine): ParsedExemplar {
  const labels = exemplarLabels.read(scanner);
  scanner.takeSpace('one space and a value of the exemplar');
  const value = readNumber(scanner, `a value of the exemplar: ${NUMBER}`);
  scanner.takeSpace('one space and the timestamp of the exemplar');
  return { labels, value, timestampSeconds: readRealNumber(scanner, 'the timestamp of the exemplar in seconds') };
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

const LOWER_S = 115;
const END_OF_SAMPLE =
  'a timestamp in seconds, "st@" of a start timestamp, "# {" of an exemplar, or the end of the line';
