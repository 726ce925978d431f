/**
 * How names are written that not every version of Prometheus can read: as they are (`allow-utf-8`), or escaped.
 *
 * @see https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export type EscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** An exposition format, as negotiated with a scraper. */
export interface Format {
  readonly protocol: 'text' | 'openmetrics' | 'openmetrics2' | 'protobuf';
  readonly escaping: EscapingScheme;
  readonly contentType: string;
}

/** The last resort: every scraper reads it. */
const TEXT: Format = {
  protocol: 'text',
  escaping: 'underscores',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
};

/**
 * Returns the format for an `Accept` header: the supported one with the highest q-value, the first of equals. Ranges that
 * cannot be parsed are ignored. Falls back to text 0.0.4, since any answer helps a scraper more than none.
 *
 * @see https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export function negotiate(accept = ''): Format {
  let best = TEXT;
  let bestQuality = 0;
  for (const range of accept.split(',')) {
    const [mediaRange = '', ...rest] = range.split(';');
    const parameters = new Map(rest.map(parameterOf));
    const quality = Number(parameters.get('q') || 1);
    if (!(quality > bestQuality && quality <= 1)) continue;
    const format = formatOf(mediaRange.trim().toLowerCase(), parameters);
    if (format === undefined) continue;
    best = format;
    bestQuality = quality;
  }
  return best;
}

function parameterOf(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=');
  return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')];
}

function formatOf(mediaRange: string, parameters: ReadonlyMap<string, string>): Format | undefined {
  const version = parameters.get('version');
  const escaping = escapingOf(parameters.get('escaping'));
  switch (mediaRange) {
    case '*/*':
    case 'text/*':
      return TEXT;
    case 'text/plain':
      if (version === undefined || version === '0.0.4') return TEXT;
      return version === '1.0.0'
        ? { protocol: 'text', escaping, contentType: versioned('text/plain', version, escaping) }
        : undefined;
    case 'application/openmetrics-text': {
      if (version === '0.0.1') {
        return {
          protocol: 'openmetrics',
          escaping: 'underscores',
          contentType: 'application/openmetrics-text; version=0.0.1; charset=utf-8',
        };
      }
      if (version === '2.0.0') {
        return { protocol: 'openmetrics2', escaping, contentType: versioned(mediaRange, version, escaping) };
      }
      if (version !== undefined && version !== '1.0.0') return undefined;
      return { protocol: 'openmetrics', escaping, contentType: versioned(mediaRange, '1.0.0', escaping) };
    }
    case 'application/vnd.google.protobuf': {
      const type = `${mediaRange}; proto=io.prometheus.client.MetricFamily; encoding=delimited`;
      const isWanted =
        parameters.get('proto') === 'io.prometheus.client.MetricFamily' && parameters.get('encoding') === 'delimited';
      return isWanted ? { protocol: 'protobuf', escaping, contentType: `${type}; escaping=${escaping}` } : undefined;
    }
    default:
      return undefined;
  }
}

function versioned(type: string, version: string, escaping: EscapingScheme): string {
  return `${type}; version=${version}; charset=utf-8; escaping=${escaping}`;
}

function escapingOf(name: string | undefined): EscapingScheme {
  return name === 'allow-utf-8' || name === 'dots' || name === 'values' ? name : 'underscores';
}
