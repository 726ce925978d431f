import { ExpositionParser } from './exposition-parser.ts';
import { formatOf } from './format.ts';
import type { ParsedFamily } from './parsed-family.ts';

/** What is read unless a content type says otherwise. */
export const DEFAULT_CONTENT_TYPE = 'text/plain; version=0.0.4';

/**
 * Parses a whole exposition, as text or as the bytes of one, into its metric families, in the order of the text.
 *
 * `contentType` is the exposition's `Content-Type`: text 0.0.4 (which is the default), text 1.0.0, OpenMetrics 1.0.0 or
 * 0.0.1. Throws a SyntaxError that names line and column (in UTF-16 code units, both from 1) at the first fault, and a
 * RangeError for a content type that it does not read. `docs/parsing.md` says what is a fault.
 *
 * It does not check conventions: names, units, labels that differ between the series of a family.
 *
 * @example
 * ```ts
 * const [scans] = parse('# TYPE scans_total counter\nscans_total{strategy="swing"} 89\n');
 * console.log(scans?.samples[0]?.labels.get('strategy')); // swing
 * ```
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/#text-format
 */
export function parse(text: string | Uint8Array, contentType: string = DEFAULT_CONTENT_TYPE): ParsedFamily[] {
  const parser = new ExpositionParser(formatOf(contentType));
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) {
    throw new TypeError(`Cannot parse an exposition: expected a string or a Uint8Array, got ${typeof text}.`);
  }
  return [...parser.push(text), ...parser.end()];
}
