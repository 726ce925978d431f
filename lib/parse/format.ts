/** What the parser has to know of the format that it reads. */
export interface Format {
  /** As error messages name it. */
  readonly title: string;
  readonly isOpenMetrics: boolean;
  /** Metric and label names that are no identifiers may stand in double quotes. */
  readonly hasQuotedNames: boolean;
}

const EXPECTED =
  'text/plain with version 0.0.4 or 1.0.0, or application/openmetrics-text with version 1.0.0 or 0.0.1, in UTF-8';

/**
 * Returns the format that a content type names. Without a version it is text 0.0.4 or OpenMetrics 1.0.0.
 *
 * Throws a TypeError unless it is a string, and a RangeError unless it is one of the formats that the parser reads:
 * taking another one for the nearest of them would be a guess.
 *
 * @see https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export function formatOf(contentType: string): Format {
  if (typeof contentType !== 'string') {
    throw new TypeError(`Cannot parse an exposition: expected a content type as a string, got ${typeof contentType}.`);
  }
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  const charset = parameterOf(parameters, 'charset') ?? 'utf-8';
  const version = parameterOf(parameters, 'version');
  const format = formatOfVersion(mediaType.toLowerCase(), version, parameterOf(parameters, 'escaping'));
  if (format !== undefined && charset.toLowerCase() === 'utf-8') return format;
  throw new RangeError(
    `Cannot parse an exposition of content type ${JSON.stringify(contentType)}: expected ${EXPECTED}. ` +
      `Ask the exporter for one of them in the Accept header.`,
  );
}

function formatOfVersion(mediaType: string, version = '', escaping = ''): Format | undefined {
  switch (`${mediaType} ${version}`) {
    case 'text/plain ':
    case 'text/plain 0.0.4':
      return { title: 'text 0.0.4', isOpenMetrics: false, hasQuotedNames: false };
    case 'text/plain 1.0.0':
      return { title: 'text 1.0.0', isOpenMetrics: false, hasQuotedNames: true };
    case 'application/openmetrics-text ':
    case 'application/openmetrics-text 1.0.0':
      // OpenMetrics 1.0 itself has no quoted names: they came with Prometheus's `escaping` parameter.
      return { title: 'OpenMetrics 1.0.0', isOpenMetrics: true, hasQuotedNames: escaping === 'allow-utf-8' };
    case 'application/openmetrics-text 0.0.1':
      return { title: 'OpenMetrics 0.0.1', isOpenMetrics: true, hasQuotedNames: false };
    default:
      return undefined;
  }
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  for (const parameter of parameters) {
    const [, key, , value] = /^([^=\s]+)\s*=\s*("?)(.*)\2$/.exec(parameter) ?? [];
    if (key?.toLowerCase() === name) return value;
  }
  return undefined;
}
