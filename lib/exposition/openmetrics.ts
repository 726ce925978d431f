import type { Family, MetricType } from '../model/family.ts';
import { seriesNames } from '../model/series-names.ts';
import { escapeLabelValue } from './escape.ts';
import type { HistogramLines } from './histogram-lines.ts';
import { KeptFamilyLines, SUM_AND_COUNT } from './kept-family-lines.ts';
import type { NameScheme } from './name-scheme.ts';
import { metricNameText } from './name-text.ts';
import { OpenMetricsLines } from './openmetrics-lines.ts';
import type { OpenMetricsParts } from './openmetrics-parts.ts';
import { OpenMetricsHistogramLines } from './openmetrics-histogram-lines.ts';
import type { FamilyText, TextFormat } from './text-encoder.ts';

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
    const memoKey = `${key} ${isFree(family, taken, names)}`;
    let kept = family.memo.get(memoKey) as KeptText | undefined;
    if (kept === undefined) {
      kept = keptTextOf(family, taken, names);
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

function keptTextOf(family: Family, taken: ReadonlySet<string>, names: NameScheme): KeptText {
  const parts = partsOf(family, taken, names);
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

function partsOf(family: Family, taken: ReadonlySet<string>, names: NameScheme): OpenMetricsParts {
  const name = names.metric(family.name);
  const { type } = family;
  switch (type) {
    case 'counter':
      if (!isFree(family, taken, names)) return { type: 'unknown', name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
      return { type, name: baseOf(name, '_total'), sampleName: `${baseOf(name, '_total')}_total`, totalSuffixes: SUM_AND_COUNT };
    case 'info':
      if (!isFree(family, taken, names)) return { type: 'gauge', name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
      return { type, name: baseOf(name, '_info'), sampleName: name, totalSuffixes: SUM_AND_COUNT };
    case 'gaugehistogram':
      return { type, name, sampleName: name, totalSuffixes: ['_gsum', '_gcount'] };
    default:
      return { type, name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
  }
}

/**
 * Whether a counter or an info can have the name that OpenMetrics gives it: `foo` for `foo_total`. Where another family has
 * that one for itself or for a sample, a gauge `foo` beside it, say, it is written as of a type that keeps its whole name:
 * no series is lost or met twice, only its type. Of `foo_total` and `foo_info`, the counter gets the name.
 */
function isFree({ name, type }: Family, taken: ReadonlySet<string>, names: NameScheme): boolean {
  if (type !== 'counter' && type !== 'info') return true;
  const escaped = names.metric(name);
  const base = baseOf(escaped, type === 'counter' ? '_total' : '_info');
  const others = new Set([base, `${base}_total`]);
  if (type === 'counter') others.add(`${base}_created`);
  const stem = baseOf(base, '_created');
  if (stem !== base) others.add(stem).add(`${stem}_total`); // of a counter with this sample
  others.delete(escaped);
  return ![...others].some((other) => taken.has(other));
}

function baseOf(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** The types whose series have a beginning. */
const HAVE_CREATED: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'summary']);
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const END = encoder.encode('# EOF\n');
