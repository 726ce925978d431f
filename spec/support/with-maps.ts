import type { ParsedExemplar, ParsedFamily, ParsedSample } from '../../lib/parse/index.ts';

/** Parsed families with a `Map` in place of each read-only map of labels, for comparison with families of other sources. */
export function withMaps(families: readonly ParsedFamily[]): ParsedFamily[] {
  return families.map((family) => ({ ...family, samples: family.samples.map(sampleWithMaps) }));
}

function sampleWithMaps(sample: ParsedSample): ParsedSample {
  const { exemplar, exemplars } = sample;
  return {
    ...withMap(sample),
    ...(exemplar === undefined ? undefined : { exemplar: withMap(exemplar) }),
    ...(exemplars === undefined ? undefined : { exemplars: exemplars.map(withMap) }),
  };
}

function withMap<Labelled extends ParsedSample | ParsedExemplar>(one: Labelled): Labelled {
  return { ...one, labels: new Map(one.labels) };
}
