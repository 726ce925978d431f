import type { PushAnswer } from '../../push/send-request.ts';

/** How many data points a receiver has rejected, and why. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly reason: string;
}

/**
 * Reads the `partial_success` of an ExportMetricsServiceResponse. Without one, or if the body is something else, all points
 * were taken: the status is what counts.
 */
export function partialSuccessOf({ body, resp }: PushAnswer): PartialSuccess {
  if (!/^application\/x-protobuf\b/i.test(resp.headers['content-type'] ?? '')) return { rejected: 0, reason: '' };
  const partial = fieldsOf(Buffer.from(body, 'latin1')).get(1);
  const inner = partial instanceof Uint8Array ? fieldsOf(partial) : undefined;
  const [rejected, reason] = [inner?.get(1), inner?.get(2)];
  return {
    rejected: typeof rejected === 'number' ? rejected : 0,
    reason: reason instanceof Uint8Array ? Buffer.from(reason).toString() : '',
  };
}

/** Returns what the body of a refusal says: the message of a google.rpc.Status, or the body itself, if that is text. */
export function statusMessageOf(body: string): string {
  const bytes = Buffer.from(body, 'latin1');
  const message = fieldsOf(bytes).get(2);
  return message instanceof Uint8Array ? Buffer.from(message).toString() : bytes.toString();
}

/** Returns the last value of each field of a message, as far as it can be read; nothing of bytes that are no message. */
function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 63) return NaN;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wireType] = [Math.floor(tag / 8), tag % 8];
    const value = varint();
    if (wireType === 0) {
      fields.set(field, value);
    } else if (wireType === 2 && at + value <= bytes.length) {
      fields.set(field, bytes.subarray(at, at + value));
      at += value;
    } else {
      return new Map();
    }
  }
  return fields;
}
