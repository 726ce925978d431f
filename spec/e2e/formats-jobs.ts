import type { Wire } from './every-type.ts';
import type { Escaping } from './utf8-names.ts';

/** A scrape job: what it scrapes, and in which format. Its name is that of its route too. */
export interface FormatsJob {
  readonly name: string;
  readonly target: 'every-type' | 'uncompressed' | 'created-lines' | 'utf8';
  readonly wire: Wire;
  readonly escaping: Escaping;
  /** What the server must have answered with. */
  readonly contentType: string;
  /** Lines of the job's configuration, for a Prometheus that can be told what to ask for. */
  readonly config?: string;
  /** What is asked for in its stead, for one that cannot. */
  readonly accept?: string;
}

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const OPENMETRICS_0 = 'application/openmetrics-text; version=0.0.1; charset=utf-8';
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8';
const TEXT_0 = 'text/plain; version=0.0.4; charset=utf-8';

/** By name of the scrape protocol: the format, and its content type without the escaping that some add. */
const PROTOCOLS: Readonly<Record<string, readonly [wire: Wire, contentType: string]>> = {
  PrometheusProto: ['protobuf', PROTOBUF],
  'OpenMetricsText1.0.0': ['openmetrics', OPENMETRICS],
  'OpenMetricsText0.0.1': ['openmetrics', OPENMETRICS_0],
  'PrometheusText1.0.0': ['text', TEXT_1],
  'PrometheusText0.0.4': ['text', TEXT_0],
};
/** Those in which Prometheus asks for an escaping scheme. In protobuf it does not, and gets underscores. */
const WITH_ESCAPING = ['OpenMetricsText1.0.0', 'PrometheusText1.0.0'];
const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;

/** The scrapers that are tested. */
export type FormatsScraper = 'prometheus3' | 'prometheus2' | 'victoria-metrics';

/** Returns the jobs of a scraper: one for each format that it takes. */
export function formatsJobs(scraper: FormatsScraper): FormatsJob[] {
  switch (scraper) {
    case 'prometheus3':
      return jobsOfPrometheus3();
    case 'prometheus2':
      return jobsOfPrometheus2();
    case 'victoria-metrics':
      return jobsOfVictoriaMetrics();
  }
}

/** What Prometheus 3 is told to ask for: each protocol, and each escaping scheme in each protocol that has them. */
function jobsOfPrometheus3(): FormatsJob[] {
  const byProtocol = Object.keys(PROTOCOLS).map((protocol) => jobOf(protocol, 'every-type', 'allow-utf-8'));
  const byEscaping = WITH_ESCAPING.flatMap((protocol) =>
    ESCAPINGS.map((escaping) => jobOf(protocol, 'utf8', escaping)),
  );
  return [
    ...byProtocol,
    jobOf('OpenMetricsText1.0.0', 'uncompressed', 'allow-utf-8'),
    jobOf('OpenMetricsText1.0.0', 'created-lines', 'allow-utf-8'),
    ...byEscaping,
    jobOf('PrometheusProto', 'utf8', 'underscores'),
    jobOf('OpenMetricsText0.0.1', 'utf8', 'underscores'),
    jobOf('PrometheusText0.0.4', 'utf8', 'underscores'),
  ];
}

function jobOf(protocol: string, target: FormatsJob['target'], escaping: Escaping): FormatsJob {
  const [wire, contentType] = PROTOCOLS[protocol]!;
  const hasEscaping = WITH_ESCAPING.includes(protocol);
  return {
    name: `${target}-${protocol}-${escaping}`,
    target,
    wire,
    escaping,
    contentType: hasEscaping ? `${contentType}; escaping=${escaping}` : contentType,
    config: `scrape_protocols: [${protocol}], metric_name_escaping_scheme: ${escaping}`,
  };
}

/**
 * What Prometheus 2 asks for by itself, protobuf with the feature `native-histograms`, and what it takes besides, which is
 * asked for in its stead.
 */
function jobsOfPrometheus2(): FormatsJob[] {
  const job = (
    name: string,
    target: FormatsJob['target'],
    wire: Wire,
    contentType: string,
    accept?: string,
  ): FormatsJob => {
    return { name, target, wire, escaping: 'underscores', contentType, ...(accept === undefined ? {} : { accept }) };
  };
  const openMetrics = 'application/openmetrics-text;version=1.0.0';
  return [
    job('every-type-default', 'every-type', 'protobuf', PROTOBUF),
    job('every-type-openmetrics', 'every-type', 'openmetrics', `${OPENMETRICS}; escaping=underscores`, openMetrics),
    job(
      'every-type-openmetrics-0',
      'every-type',
      'openmetrics',
      OPENMETRICS_0,
      'application/openmetrics-text;version=0.0.1',
    ),
    job('every-type-text', 'every-type', 'text', TEXT_0, 'text/plain;version=0.0.4'),
    job('uncompressed', 'uncompressed', 'protobuf', PROTOBUF),
    job('created-lines', 'created-lines', 'openmetrics', `${OPENMETRICS}; escaping=underscores`, openMetrics),
    job('utf8-default', 'utf8', 'protobuf', PROTOBUF),
    job('utf8-openmetrics', 'utf8', 'openmetrics', `${OPENMETRICS}; escaping=underscores`, openMetrics),
  ];
}

/** VictoriaMetrics asks for text 0.0.4 and nothing else. */
function jobsOfVictoriaMetrics(): FormatsJob[] {
  const job = (target: FormatsJob['target']): FormatsJob => {
    return { name: target, target, wire: 'text', escaping: 'underscores', contentType: TEXT_0 };
  };
  return [job('every-type'), job('uncompressed'), job('utf8')];
}
