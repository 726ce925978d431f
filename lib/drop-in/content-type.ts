/** The content type of the text format that a {@link Registry} of this entry writes by default. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** The content type of OpenMetrics, which a {@link Registry} of this entry can be told to write. */
export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The character set of both formats. */
export type Charset = 'utf-8';
/** The media type of the text format. */
export type PrometheusMIME = 'text/plain';
/** The version of the text format. */
export type PrometheusMetricsVersion = '0.0.4';
/** The media type of OpenMetrics. */
export type OpenMetricsMIME = 'application/openmetrics-text';
/** The version of OpenMetrics. */
export type OpenMetricsVersion = '1.0.0';

/** The type of {@link PROMETHEUS_CONTENT_TYPE}. */
export type PrometheusContentType = typeof PROMETHEUS_CONTENT_TYPE;
/** The type of {@link OPENMETRICS_CONTENT_TYPE}. */
export type OpenMetricsContentType = typeof OPENMETRICS_CONTENT_TYPE;
/** The content types that a registry can write. */
export type RegistryContentType = PrometheusContentType | OpenMetricsContentType;
