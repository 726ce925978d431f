import { type Decoded, decodeMessage, type Schema } from '../decode-message.ts';

// opentelemetry-proto 1.x: common.proto, resource.proto, metrics.proto and metrics_service.proto.

const KEY_VALUE = { 1: ['key', 'string'], 2: ['value', { 1: ['string', 'string'] }] } satisfies Schema;
const EXEMPLAR = {
  2: ['time', 'fixed64'],
  3: ['double', 'double'],
  4: ['spanId', 'bytes'],
  5: ['traceId', 'bytes'],
  7: ['attributes[]', KEY_VALUE],
} satisfies Schema;
const NUMBER_POINT = {
  2: ['start', 'fixed64'],
  3: ['time', 'fixed64'],
  4: ['double', 'double'],
  5: ['exemplars[]', EXEMPLAR],
  7: ['attributes[]', KEY_VALUE],
} satisfies Schema;
const HISTOGRAM_POINT = {
  2: ['start', 'fixed64'],
  3: ['time', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'packed fixed64'],
  7: ['bounds', 'packed double'],
  8: ['exemplars[]', EXEMPLAR],
  9: ['attributes[]', KEY_VALUE],
} satisfies Schema;
const BUCKETS = { 1: ['offset', 'sint'], 2: ['counts', 'packed varint'] } satisfies Schema;
const EXPONENTIAL_POINT = {
  1: ['attributes[]', KEY_VALUE],
  2: ['start', 'fixed64'],
  3: ['time', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'sint'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', BUCKETS],
  9: ['negative', BUCKETS],
  11: ['exemplars[]', EXEMPLAR],
  14: ['zeroThreshold', 'double'],
} satisfies Schema;
const SUMMARY_POINT = {
  2: ['start', 'fixed64'],
  3: ['time', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['quantiles[]', { 1: ['quantile', 'double'], 2: ['value', 'double'] }],
  7: ['attributes[]', KEY_VALUE],
} satisfies Schema;
const METRIC = {
  1: ['name', 'string'],
  2: ['description', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', { 1: ['points[]', NUMBER_POINT] }],
  7: ['sum', { 1: ['points[]', NUMBER_POINT], 2: ['temporality', 'varint'], 3: ['isMonotonic', 'varint'] }],
  9: ['histogram', { 1: ['points[]', HISTOGRAM_POINT], 2: ['temporality', 'varint'] }],
  10: ['exponential', { 1: ['points[]', EXPONENTIAL_POINT], 2: ['temporality', 'varint'] }],
  11: ['summary', { 1: ['points[]', SUMMARY_POINT] }],
  12: ['metadata[]', KEY_VALUE],
} satisfies Schema;
const REQUEST: Schema = {
  1: [
    'resourceMetrics[]',
    {
      1: ['resource', { 1: ['attributes[]', KEY_VALUE] }],
      2: ['scopeMetrics[]', { 1: ['scope', { 1: ['name', 'string'] }], 2: ['metrics[]', METRIC] }],
    },
  ],
};

/** A request in the form in which specs compare it: attributes are objects. */
export interface DecodedExport {
  readonly resource: Readonly<Record<string, string>>;
  readonly scope: string;
  readonly metrics: readonly Decoded[];
}

/** Decodes an ExportMetricsServiceRequest. Throws a RangeError on anything that is not one. */
export function decodeOtlp(bytes: Uint8Array): DecodedExport {
  const { resourceMetrics } = decodeMessage(bytes, REQUEST);
  if (resourceMetrics?.length !== 1) throw new RangeError('expected one resource');
  const [{ resource, scopeMetrics }] = resourceMetrics;
  if (scopeMetrics?.length !== 1) throw new RangeError('expected one scope');
  const [{ scope, metrics = [] }] = scopeMetrics;
  return {
    resource: attributesOf(resource.attributes),
    scope: scope.name,
    metrics: metrics.map((metric: Decoded) => withObjects(metric)),
  };
}

function withObjects(value: Decoded): Decoded {
  if (Array.isArray(value)) return value.map(withObjects);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'attributes' || name === 'metadata' ? attributesOf(inner as Decoded) : withObjects(inner),
    ]),
  );
}

function attributesOf(pairs: Decoded = []): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { key, value } of pairs) {
    if (key in found) throw new RangeError(`attribute ${key} twice`);
    found[key] = value.string ?? '';
  }
  return found;
}
