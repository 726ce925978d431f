import type { Family } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { NAME_SCHEMES } from './names/name-schemes.ts';
import type { Format } from './negotiate.ts';
import { openMetrics } from './openmetrics/openmetrics.ts';
import type { Output, Step } from './output.ts';
import { prometheusText } from './text/prometheus-text.ts';
import { encodeText } from './text/text-encoder.ts';

/** Writes families into `out`; yields complete chunks, and occasions to pause. */
export type Encode = (families: readonly Family[], out: Output) => Generator<Step, void>;

/** Options for encoders. */
export interface EncodeOptions {
  /** Whether OpenMetrics gets `_created` lines. */
  readonly hasCreatedLines: boolean;
}

/** Returns the encoder of a format. That of protobuf, which few scrapers ask for, is loaded on first use. */
export async function loadEncoder({ protocol, escaping }: Format, options: EncodeOptions): Promise<Encode> {
  const names = NAME_SCHEMES[escaping];
  const key = `${protocol} ${escaping}`;
  switch (protocol) {
    case 'protobuf': {
      const { encodeProtobuf } = await loadModule(() => import('./protobuf/encode-protobuf.ts'), 'encodeProtobuf');
      return (families, out) => encodeProtobuf(families, out, key, names);
    }
    case 'openmetrics':
      return (families, out) => encodeText(families, out, openMetrics(families, key, names, options));
    case 'text': {
      const format = prometheusText(key, names);
      return (families, out) => encodeText(families, out, format);
    }
  }
}
