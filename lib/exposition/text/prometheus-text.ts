import type { Family, MetricType } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { PLAIN, SUM_AND_COUNT } from './family-lines.ts';
import { escapeHelp, metricNameText } from './labels.ts';
import { cached, LineCache } from './line-cache.ts';
import type { FamilyText, TextFormat } from './text-encoder.ts';

/**
 * Returns Prometheus's own text format, 0.0.4 or 1.0.0: they differ in the names that need no escaping. Types that the
 * format lacks are written as the nearest that it has. `key` tells name schemes apart.
 */
export function prometheusText(key: string, names: NameScheme): TextFormat {
  return { separator: encoder.encode('\n'), end: new Uint8Array(0), textOf };

  function textOf(family: Family): FamilyText {
    const { head, lines } = cached(family, key, () => newCache(family));
    return { head, lines: lines.linesOf(family, PLAIN) };
  }

  function newCache(family: Family): TextCache {
    const sampleName = names.metric(family.name);
    const nameText = metricNameText(sampleName);
    const head = `# HELP ${nameText} ${escapeHelp(family.help)}\n# TYPE ${nameText} ${TYPES[family.type]}\n`;
    const style = { sampleName, names, totalSuffixes: SUM_AND_COUNT, isOpenMetrics: false };
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
