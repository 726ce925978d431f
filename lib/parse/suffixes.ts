import type { Format } from './format.ts';
import type { ParsedType } from './parsed-family.ts';

/** What a sample name may have behind the name of its family. */
export type Suffix = '' | '_total' | '_created' | '_bucket' | '_sum' | '_count' | '_gsum' | '_gcount' | '_info';

/** The suffixes of the samples of each type; a type that the format does not have takes none. */
export type Suffixes = Readonly<Record<ParsedType, readonly Suffix[]>>;

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const TEXT: Suffixes = {
  counter: [''],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
  info: [],
  stateset: [],
  gaugehistogram: [],
};

/** OpenMetrics 1.0, "Suffixes". */
const OPENMETRICS: Suffixes = {
  counter: ['_total', '_created'],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['_info'],
  stateset: [''],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
};

/** The suffixes in a format. */
export function suffixesOf(format: Format): Suffixes {
  return format.isOpenMetrics ? OPENMETRICS : TEXT;
}
