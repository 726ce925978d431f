import type { Family, MetricType } from '../../model/family.ts';
import { seriesNames } from '../../model/series-names.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { escapeLabelValue } from '../text/escape.ts';
import type { HistogramLines } from '../text/histogram-lines.ts';
import { KeptFamilyLines } from '../text/kept-family-lines.ts';
import { metricNameText } from '../text/name-text.ts';
import type { FamilyText, TextFormat } from '../text/text-encoder.ts';
import { hasFreeName } from './has-free-name.ts';
import { OpenMetricsHistogramLines } from './openmetrics-histogram-lines.ts';
import { OpenMetricsLines } from './openmetrics-lines.ts';
import { type OpenMetricsParts, openMetricsParts } from './openmetrics-parts.ts';

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
  const taken = new Set(families.flatMap(({ name, type }) => seriesNames(name, type, names.metric)));
  return { separator: NOTHING, end: END, textOf };

  function textOf(family: Family): FamilyText {
    const isFree = hasFreeName(family, taken, names);
    const memoKey = `${key} ${isFree}`;
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
