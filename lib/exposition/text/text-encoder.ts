import type { Family, MetricType } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { append, type Output, PAUSE, type Step } from '../output.ts';
import { type FamilyLines, PLAIN } from './family-lines.ts';
import { escapeHelp, metricNameText } from './labels.ts';
import { cached, LineCache } from './line-cache.ts';

/** A family in a text format: the lines of its metadata and those of its series. */
export interface FamilyText {
  readonly head: Uint8Array;
  readonly lines: FamilyLines;
}

/** The differences between the text formats. */
export interface TextFormat {
  /** Written between two families. */
  readonly separator: Uint8Array;
  /** Written after the last family. */
  readonly end: Uint8Array;
  /** Whether the metadata of families without series is written. */
  readonly hasEmptyFamilies: boolean;
  /** Returns the text of a family, which has these series now. */
  textOf(family: Family, series: Family['series']): FamilyText;
}

/**
 * Encodes families in a text format into `out`. Families without series are left out unless the
 * format has them.
 *
 * May pause after each step, of 128 lines or a few families, because a whole chunk takes too long until the engine has
 * optimised the code.
 *
 * Reads the live series, which may change during a pause, but writes each of them in one step. An exposition of a single
 * moment would need a copy of everything.
 */
export function* encodeText(families: readonly Family[], out: Output, format: TextFormat): Generator<Step, void> {
  let separator: Uint8Array = NOTHING;
  let work = 0;
  for (const family of families) {
    const { series } = family;
    if (series.length === 0 && !format.hasEmptyFamilies) continue;
    const { head, lines } = format.textOf(family, series);
    // Fixed when the family begins. A series that joins later may be one that is in the array already, removed and created
    // again: the same series would be written twice.
    const { length } = lines.series;
    const { seriesPerStep } = lines;
    const headBytes = separator.length + head.length;
    if (!out.hasRoomFor(headBytes)) yield out.next(headBytes);
    append(out, separator);
    append(out, head);
    separator = format.separator;
    work += WORK_PER_FAMILY;
    for (let first = 0; first < length; first += seriesPerStep) {
      const end = Math.min(first + seriesPerStep, length);
      const share = (end - first) / seriesPerStep;
      if (work + share > 1) {
        yield PAUSE;
        work = 0;
      }
      work += share;
      const written = lines.linesOf(first, end);
      const full = out.hasRoomFor(written.length) ? PAUSE : out.next(written.length);
      append(out, written); // before the pause, in which another scrape may change these lines
      if (full !== PAUSE) {
        yield full;
        work = 0;
      }
    }
  }
  const { end } = format;
  if (!out.hasRoomFor(end.length)) yield out.next(end.length);
  append(out, end);
  yield out.rest();
}

/** The share of a step that a family takes beside its lines. */
const WORK_PER_FAMILY = 1 / 16;

const NOTHING = new Uint8Array(0);

/**
 * Returns Prometheus's own text format, 0.0.4 or 1.0.0: they differ in the names that need no escaping. Types that the
 * format lacks are written as the nearest that it has. `key` tells name schemes apart. `isLikePromClient`: see `ScrapeOptions`.
 */
export function prometheusText(key: string, names: NameScheme, isLikePromClient: boolean): TextFormat {
  return { separator: encoder.encode('\n'), end: NOTHING, hasEmptyFamilies: isLikePromClient, textOf };

  function textOf(family: Family, series: Family['series']): FamilyText {
    const { head, lines } = cached(family, key, () => newCache(family));
    return { head, lines: lines.linesOf(family, series, PLAIN) };
  }

  function newCache(family: Family): TextCache {
    const sampleName = names.metric(family.name);
    const nameText = metricNameText(sampleName);
    const head = `# HELP ${nameText} ${escapeHelp(family.help)}\n# TYPE ${nameText} ${TYPES[family.type]}\n`;
    const style = { sampleName, names, hasPointsFirst: isLikePromClient };
    return { head: encoder.encode(head), lines: LineCache.shared(family, style) };
  }
}

/** The cache of a family between scrapes. */
interface TextCache {
  readonly head: Uint8Array;
  readonly lines: LineCache;
}

const TYPES: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  gaugehistogram: 'histogram',
  unknown: 'untyped',
};

const encoder = new TextEncoder();
