import { isBucketIndex, isSchema } from '../native/resolution.ts';
import { checkSeconds, refuse } from './check-report.ts';
import { NATIVE_RECORD } from './message.ts';

const { SCHEMA, ZERO_THRESHOLD, ZERO_COUNT, CREATED, POSITIVES, NEGATIVES, BUCKETS } = NATIVE_RECORD;

/**
 * Throws a RangeError unless every format can carry what a record says of a series, as `checkNumbers()` does for fixed buckets. See
 * `NATIVE_RECORD` for the layout.
 */
export function checkNativeRecord(record: Float64Array, metricName: string): void {
  const schema = record[SCHEMA]!;
  if (!isSchema(schema)) refuse(metricName, 'a resolution from -4 to 8', String(schema));
  const zeroThreshold = record[ZERO_THRESHOLD]!;
  if (!(zeroThreshold >= 0 && zeroThreshold < Infinity))
    refuse(metricName, 'a finite zero threshold of at least 0', String(zeroThreshold));
  if (!Number.isNaN(record[CREATED])) checkSeconds(record[CREATED], metricName);
  const afterPositives = BUCKETS + 2 * record[POSITIVES]!;
  const total =
    checkedTotal(record, BUCKETS, afterPositives, schema, metricName) +
    checkedTotal(record, afterPositives, afterPositives + 2 * record[NEGATIVES]!, schema, metricName) +
    record[ZERO_COUNT]!;
  const isCount = Number.isSafeInteger(record[ZERO_COUNT]) && record[ZERO_COUNT]! >= 0;
  if (!isCount || total > Number.MAX_SAFE_INTEGER)
    refuse(metricName, 'counts that are whole numbers and together below 2^53', String(total));
}

/** Returns the observations in the buckets from `start` to `end`, or throws. */
function checkedTotal(record: Float64Array, start: number, end: number, schema: number, metricName: string): number {
  let total = 0;
  let previous = -Infinity;
  for (let at = start; at < end; at += 2) {
    const index = record[at]!;
    const count = record[at + 1]!;
    if (!(isBucketIndex(index, schema) && index > previous))
      refuse(metricName, 'the indexes of native buckets in increasing order', String(index));
    if (!(Number.isInteger(count) && count > 0))
      refuse(metricName, 'native buckets with counts of at least 1', String(count));
    total += count;
    previous = index;
  }
  return total;
}
