import { parse } from '../lib/parse/index.ts';
import { type DecodedFamily, decodeProtobuf } from '../spec/support/decode-protobuf.ts';
import { parseExposition } from '../spec/support/parse-exposition.ts';
import { type Family2, readOpenMetrics2 } from '../spec/support/read-openmetrics2.ts';
import { isOurs, type Library } from './library.ts';

/** The `Accept` header for OpenMetrics. */
export const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

/** The `Accept` header for OpenMetrics 2.0. */
export const OPENMETRICS_2 = 'application/openmetrics-text; version=2.0.0';

/** The `Accept` header for protobuf. */
export const PROTOBUF = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

interface Sample {
  readonly name: string;
  readonly value: number;
}

/**
 * Returns the sum of all samples of this name in a library's exposition, in the format that `accept` asked for.
 *
 * Ours is read by parsers that share nothing with the encoder. That of text 0.0.4 refuses what the peers write (bounds
 * that are not in canonical form), so theirs is read line by line.
 */
export function totalOf(
  library: Pick<Library, 'name'>,
  exposition: Uint8Array,
  sampleName: string,
  accept?: string,
): number {
  const samples = isOurs(library)
    ? samplesOfOurs(exposition, accept)
    : samplesOfPeer(new TextDecoder().decode(exposition));
  return samples.reduce((total, { name, value }) => (name === sampleName ? total + value : total), 0);
}

function samplesOfOurs(exposition: Uint8Array, accept: string | undefined): readonly Sample[] {
  switch (accept) {
    case PROTOBUF:
      return decodeProtobuf(exposition).flatMap(samplesOfProtobuf);
    case OPENMETRICS:
      return parse(exposition, OPENMETRICS).flatMap(({ samples }) => samples);
    case OPENMETRICS_2:
      return readOpenMetrics2(new TextDecoder().decode(exposition)).flatMap(samplesOfOpenMetrics2);
    default:
      return parseExposition(new TextDecoder().decode(exposition)).flatMap(({ samples }) => samples);
  }
}

function samplesOfOpenMetrics2({ samples }: Family2): Sample[] {
  return samples.map(({ name, value }) =>
    typeof value === 'number' ? { name, value } : { name: `${name}_count`, value: value.count },
  );
}

function samplesOfProtobuf({ name, metrics }: DecodedFamily): Sample[] {
  return metrics.map(({ value, count }) =>
    value === undefined ? { name: `${name}_count`, value: count! } : { name, value },
  );
}

function samplesOfPeer(text: string): Sample[] {
  return text.split('\n').map((withExemplar) => {
    const [line = ''] = withExemplar.split(' # ');
    return { name: line.slice(0, line.search(/[{ ]/)), value: Number(line.slice(line.lastIndexOf(' ') + 1)) };
  });
}
