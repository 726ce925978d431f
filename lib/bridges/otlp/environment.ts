import { MIN_INTERVAL_SECONDS } from '../push-loop.ts';

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What OpenTelemetry's environment variables say; undefined where they say nothing that can be used. */
export interface Declared {
  /** Whether `OTEL_SDK_DISABLED` or `OTEL_METRICS_EXPORTER` says that nothing is to be sent. */
  readonly isDisabled: boolean;
  /** The variant of OTLP that is asked for, where it is not the one that this bridge speaks. */
  readonly otherProtocol: string | undefined;
  readonly url: string | undefined;
  /** The variable that {@link url} is from. */
  readonly urlVariable: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalSeconds: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly isCompressed: boolean | undefined;
  readonly temporality: 'cumulative' | 'delta' | undefined;
  readonly isNative: boolean;
  readonly resource: Readonly<Record<string, string>>;
}

/**
 * Reads the environment variables of OpenTelemetry that concern metrics over OTLP/HTTP. As its specification wants it, an
 * empty variable is the same as none, and one that cannot be read is ignored.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function readEnvironment(env: Environment): Declared {
  const ofMetrics = (name: string): string | undefined =>
    text(env, `OTEL_EXPORTER_OTLP_METRICS_${name}`) ?? text(env, `OTEL_EXPORTER_OTLP_${name}`);
  const own = text(env, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT');
  const base = text(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')?.replace(/\/*$/, '/v1/metrics');
  const compression = ofMetrics('COMPRESSION');
  const protocol = ofMetrics('PROTOCOL');
  const serviceName = text(env, 'OTEL_SERVICE_NAME');
  return {
    isDisabled:
      text(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || text(env, 'OTEL_METRICS_EXPORTER') === 'none',
    otherProtocol: protocol === 'http/protobuf' ? undefined : protocol,
    url: own ?? base,
    urlVariable: `OTEL_EXPORTER_OTLP_${own === undefined ? '' : 'METRICS_'}ENDPOINT`,
    headers: { ...pairs(env, 'OTEL_EXPORTER_OTLP_HEADERS'), ...pairs(env, 'OTEL_EXPORTER_OTLP_METRICS_HEADERS') },
    intervalSeconds: interval(seconds(text(env, 'OTEL_METRIC_EXPORT_INTERVAL'))),
    timeoutSeconds: seconds(ofMetrics('TIMEOUT') ?? text(env, 'OTEL_METRIC_EXPORT_TIMEOUT')),
    isCompressed: compression === 'gzip' ? true : compression === 'none' ? false : undefined,
    temporality: temporalityOf(text(env, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE')),
    isNative: ofMetrics('DEFAULT_HISTOGRAM_AGGREGATION')?.toLowerCase() !== 'explicit_bucket_histogram',
    resource: {
      ...pairs(env, 'OTEL_RESOURCE_ATTRIBUTES'),
      ...(serviceName !== undefined && { 'service.name': serviceName }),
    },
  };
}

function text(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

function seconds(milliseconds: string | undefined): number | undefined {
  return milliseconds !== undefined && /^[1-9]\d*$/.test(milliseconds) ? Number(milliseconds) / 1000 : undefined;
}

/** A program must not fail to start for a variable that others read, so that a shorter interval is the shortest there is. */
function interval(declared: number | undefined): number | undefined {
  return declared === undefined ? undefined : Math.max(declared, MIN_INTERVAL_SECONDS);
}

/** `lowmemory` is delta for all that this library has: counters and histograms that are written to directly. */
function temporalityOf(preference: string | undefined): Declared['temporality'] {
  const wanted = preference?.toLowerCase();
  return wanted === 'delta' || wanted === 'lowmemory' ? 'delta' : wanted === 'cumulative' ? wanted : undefined;
}

/** Reads `key=value` pairs between commas, both percent-encoded. Pairs that are not of this form are left out. */
function pairs(env: Environment, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (text(env, name) ?? '').split(',')) {
    const [key, ...rest] = pair.split('=');
    const decodedKey = decoded(key!.trim());
    if (decodedKey !== '' && rest.length > 0) found[decodedKey] = decoded(rest.join('=').trim());
  }
  return found;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
