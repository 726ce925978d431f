import type { Family, MetricType } from '../../model/family.ts';
import { seriesNames } from '../../model/series-names.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { escapeLabelValue } from '../text/escape.ts';
import type { HistogramLines } from '../text/histogram-lines.ts';
import { KeptFamilyLines } from '../text/kept-family-lines.ts';
import { metricNameText } from '../text/name-text.ts';
import type { FamilyText, TextFormat } from '../text/text-encoder.ts';
import { OpenMetricsHistogramLines } from './openmetrics-histogram-lines.ts';
import { OpenMetricsLines } from './openmetrics-lines.ts';
import { type OpenMetricsParts, openMetricsParts } from './openmetrics-parts.ts';
import { rivalNames } from './rival-names.ts';

/** What an encoder of OpenMetrics may be told. */
export interface OpenMetricsOptions {
  /** Whether `_created` lines are written, one for each series that has a beginning. */
  readonly hasCreatedLines: boolean;
}

/**
 * Returns OpenMetrics 1.0 for one scrape of `families`: `_total` and `_info` stand behind the name of the family, there
 * are units and exemplars, and the end is marked. `key` tells name schemes apart.
 *
 * The lines of series are those of Prometheus's own format, and kept together with them, unless there are exemplars or
 * `_created` lines to be written.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function openMetrics(
  families: readonly Family[],
  key: string,
  names: NameScheme,
  { hasCreatedLines }: OpenMetricsOptions,
): TextFormat {
  // Made once: a text that is put together at each look has to be hashed at each look.
  const memoKeys = { names: `${key} names`, free: `${key} free`, taken: `${key} taken` };
  const taken = new Set<string>();
  for (const family of families) for (const name of namesOf(family).own) taken.add(name);
  return { separator: NOTHING, end: END, textOf };

  function textOf(family: Family): FamilyText {
    const isFree = !namesOf(family).rivals.some((rival) => taken.has(rival));
    const memoKey = isFree ? memoKeys.free : memoKeys.taken;
    let kept = family.memo.get(memoKey) as KeptText | undefined;
    if (kept === undefined) {
      kept = keptTextOf(family, isFree, names);
      family.memo.set(memoKey, kept);
    }
    const { head, lines, parts } = kept;
    const created = hasCreatedLines && HAVE_CREATED.has(parts.type) ? family.createdSeconds : undefined;
    // Quantiles and sums of summaries are held to rules too, which few summaries are worth a second way to write them for.
    if (family.hasExemplars === true || created !== undefined || family.type === 'summary') {
      return { head, lines: new OpenMetricsLines(family, parts, names, created) };
    }
    const plain = lines.linesOf(family);
    const isHistogram = family.type === 'histogram' || family.type === 'gaugehistogram';
    return { head, lines: isHistogram ? new OpenMetricsHistogramLines(family, plain as HistogramLines) : plain };
  }

  function namesOf(family: Family): KeptNames {
    let kept = family.memo.get(memoKeys.names) as KeptNames | undefined;
    if (kept === undefined) {
      kept = { own: seriesNames(family.name, family.type, names.metric), rivals: rivalNames(family, names) };
      family.memo.set(memoKeys.names, kept);
    }
    return kept;
  }
}

/** The names that decide whether a family can be called as OpenMetrics wants: to find them takes longer than its lines. */
interface KeptNames {
  readonly own: readonly string[];
  readonly rivals: readonly string[];
}

/** What is kept of a family between scrapes. */
interface KeptText {
  readonly head: Uint8Array;
  readonly lines: KeptFamilyLines;
  readonly parts: OpenMetricsParts;
}

function keptTextOf(family: Family, isFree: boolean, names: NameScheme): KeptText {
  const parts = openMetricsParts(family, isFree, names);
  const { type, name, sampleName, totalSuffixes } = parts;
  const nameText = metricNameText(name);
  // Escaping may have changed the end of the name, and a unit that it does not end with voids the whole exposition.
  const hasUnit = family.unit !== '' && name.endsWith(`_${family.unit}`);
  const head =
    `# TYPE ${nameText} ${type}\n` +
    (hasUnit ? `# UNIT ${nameText} ${family.unit}\n` : '') +
    `# HELP ${nameText} ${escapeLabelValue(family.help)}\n`;
  return { head: encoder.encode(head), lines: KeptFamilyLines.of(family, sampleName, names, totalSuffixes), parts };
}

/** The types whose series have a beginning. */
const HAVE_CREATED: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'summary']);
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const END = encoder.encode('# EOF\n');
