import type { Family, MetricType } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { escapeHelp } from './escape.ts';
import { KeptFamilyLines, SUM_AND_COUNT } from './kept-family-lines.ts';
import { metricNameText } from './name-text.ts';
import type { FamilyText, TextFormat } from './text-encoder.ts';

/**
 * Returns Prometheus's own text format, 0.0.4 or 1.0.0: they differ in the names that may stand there alone. A blank line
 * stands between two families. Of a type that the format does not have it takes the nearest. `key` tells name schemes
 * apart.
 */
export function prometheusText(key: string, names: NameScheme): TextFormat {
  return { separator: encoder.encode('\n'), end: new Uint8Array(0), textOf };

  function textOf(family: Family): FamilyText {
    const { head, lines } = (family.memo.get(key) as KeptText | undefined) ?? keep(family);
    return { head, lines: lines.linesOf(family) };
  }

  function keep(family: Family): KeptText {
    const name = names.metric(family.name);
    const nameText = metricNameText(name);
    const head = `# HELP ${nameText} ${escapeHelp(family.help)}\n# TYPE ${nameText} ${TYPES[family.type]}\n`;
    const text = { head: encoder.encode(head), lines: KeptFamilyLines.of(family, name, names, SUM_AND_COUNT) };
    family.memo.set(key, text);
    return text;
  }
}

/** What is kept of a family between scrapes. */
interface KeptText {
  readonly head: Uint8Array;
  readonly lines: KeptFamilyLines;
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
