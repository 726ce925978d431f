import type { Family, MetricType } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { PLAIN } from '../text/family-lines.ts';
import { escapeLabelValue, metricNameText } from '../text/labels.ts';
import { cached, LineCache } from '../text/line-cache.ts';
import type { FamilyText, TextFormat } from '../text/text-encoder.ts';
import { newCompositeLines } from './composite-lines.ts';

/**
 * Returns OpenMetrics 2.0, release candidate 0 of March 2026: each series is one line, whose name is that of its family, with
 * its start time and any number of exemplars. `key` tells name schemes apart; `hasEmptyFamilies` is whether the metadata of
 * families without series is written.
 *
 * Gauges, infos, state sets and unknowns have the same lines as in Prometheus's own format, and share its cache.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec_2_0/
 */
export function openMetrics2(key: string, names: NameScheme, hasEmptyFamilies: boolean): TextFormat {
  return { separator: NOTHING, end: END, hasEmptyFamilies, textOf };

  function textOf(family: Family, series: Family['series']): FamilyText {
    const { head, plainLines, lines } = cached(family, key, () => newCache(family, names));
    const { type } = family;
    const options = {
      hasExemplars: family.hasExemplars === true && HAVE_EXEMPLARS.has(type),
      createdSeconds: HAVE_START.has(type) ? family.createdSeconds : undefined,
    };
    const isPlain = !options.hasExemplars && options.createdSeconds === undefined;
    return {
      head,
      lines: isPlain ? plainLines.linesOf(family, series, PLAIN) : lines.linesOf(family, series, options),
    };
  }
}

/** The cache of a family between scrapes. */
interface OpenMetrics2Cache {
  readonly head: Uint8Array;
  readonly plainLines: LineCache;
  /** With exemplars and start times. */
  readonly lines: LineCache;
}

function newCache(family: Family, names: NameScheme): OpenMetrics2Cache {
  const sampleName = names.metric(family.name);
  const style = { sampleName, names, isOpenMetrics2: true };
  const lines = new LineCache(style, newCompositeLines);
  const isComposite = family.type === 'summary' || family.type === 'histogram' || family.type === 'gaugehistogram';
  return {
    head: encoder.encode(headOf(family, metricNameText(sampleName))),
    plainLines: isComposite ? lines : LineCache.shared(family, style),
    lines,
  };
}

/** The metadata lines. An empty help text is none; a unit need not be the end of the name, which escaping may have changed. */
function headOf({ type, unit, help }: Family, nameText: string): string {
  return (
    `# TYPE ${nameText} ${type}\n` +
    (unit === '' ? '' : `# UNIT ${nameText} ${unit}\n`) +
    (help === '' ? '' : `# HELP ${nameText} ${escapeLabelValue(help)}\n`)
  );
}

const HAVE_EXEMPLARS: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'gaugehistogram']);
/** The types whose series have a beginning. */
const HAVE_START: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'summary']);
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const END = encoder.encode('# EOF\n');
