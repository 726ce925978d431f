import { ExpositionParser } from './exposition-parser.ts';
import { formatOf } from './format.ts';
import { DEFAULT_CONTENT_TYPE } from './parse.ts';
import type { ParsedFamily } from './parsed-family.ts';

/** The chunks of an exposition, cut anywhere: the body of a response, a file stream, an exporter's chunks. */
export type ExpositionChunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/**
 * Parses an exposition that comes in chunks, and gives each metric family as soon as it is complete. Formats and faults
 * are those of `parse()`, wherever the chunks are cut.
 *
 * What it holds at any time is the family that is being read, the names of those before it, and one chunk. So a long
 * exposition takes no more memory than its largest family.
 *
 * A fault further down comes after families have been given: OpenMetrics says that the whole exposition is then void.
 * A fault of the source itself comes through as it is. Leaving the loop early closes the source.
 *
 * @example
 * ```ts
 * const exporter = new PrometheusExporter(registry);
 * for await (const family of parseStream(exporter.chunks())) console.log(family.name, family.samples.length);
 * ```
 */
export function parseStream(
  chunks: ExpositionChunks,
  contentType: string = DEFAULT_CONTENT_TYPE,
): AsyncGenerator<ParsedFamily, void, undefined> {
  return families(chunks, new ExpositionParser(formatOf(contentType)));
}

async function* families(
  chunks: ExpositionChunks,
  parser: ExpositionParser,
): AsyncGenerator<ParsedFamily, void, undefined> {
  for await (const chunk of chunks) {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot parse an exposition: expected chunks of string or Uint8Array, got ${typeof chunk}.`);
    }
    yield* parser.push(chunk);
  }
  yield* parser.end();
}
