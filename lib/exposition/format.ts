/**
 * What becomes of names that not every version of Prometheus reads: nothing (`allow-utf-8`), or they are escaped.
 *
 * @see https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export type EscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** An exposition format, as it was agreed with a scraper. */
export interface Format {
  readonly protocol: 'text' | 'openmetrics' | 'protobuf';
  readonly escaping: EscapingScheme;
  readonly contentType: string;
}
