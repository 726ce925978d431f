import { type ExpositionChunks, ExpositionParser, familiesOf } from './exposition-parser.ts';
import { formatOf } from './format.ts';
import { OPENMETRICS_2 } from './openmetrics2/openmetrics2.ts';
import type { ParsedFamily, ParseProblem } from './parsed-family.ts';

/** Options of `parse()` and `parseStream()`. */
export interface ParseOptions {
  /**
   * Accepts what Prometheus accepts, and lists the problems: families whose lines are interleaved, repeated HELP and TYPE,
   * TYPE after samples, incomplete or contradictory histograms, series that come twice. Default: false.
   */
  readonly lenient?: boolean;
}

/** The result of lenient parsing. */
export interface LenientExposition {
  /** In the order in which they begin; all lines of a family are together. */
  readonly families: ParsedFamily[];
  /** In the order in which they were found; empty if strict parsing accepts the text. */
  readonly problems: readonly ParseProblem[];
}

/** The result of lenient `parseStream()`. */
export interface LenientFamilies extends AsyncGenerator<ParsedFamily, void, undefined> {
  /** The problems so far; complete when the generator has ended. */
  readonly problems: readonly ParseProblem[];
}

/**
 * Parses a whole exposition, as text or UTF-8 bytes, into its metric families, in the order of the text.
 *
 * `contentType` is the exposition's `Content-Type`: text 0.0.4 (the default), text 1.0.0, OpenMetrics 2.0.0 (its release
 * candidate), 1.0.0 or 0.0.1.
 * Throws a SyntaxError with line and column (both from 1, in UTF-16 code units) at the first fault, and a RangeError
 * for a content type that it does not read. `docs/parsing.md` lists the faults.
 *
 * With `{ lenient: true }` it returns `{ families, problems }`, and only text that Prometheus cannot read is a fault.
 *
 * Conventions are not checked: name prefixes, units, labels that differ between the series of a family.
 *
 * @example
 * ```ts
 * const [scans] = parse('# TYPE scans_total counter\nscans_total{strategy="swing"} 89\n');
 * console.log(scans?.samples[0]?.labels.get('strategy')); // swing
 * ```
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/#text-format
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec_2_0/#text-format
 */
export function parse(
  text: string | Uint8Array,
  contentType: string | undefined,
  options: ParseOptions & { readonly lenient: true },
): LenientExposition;
export function parse(
  text: string | Uint8Array,
  contentType?: string,
  options?: ParseOptions & { readonly lenient?: false },
): ParsedFamily[];
export function parse(
  text: string | Uint8Array,
  contentType: string = DEFAULT_CONTENT_TYPE,
  options?: ParseOptions,
): ParsedFamily[] | LenientExposition {
  const problems = problemsOf(options);
  const parser = parserOf(contentType, problems);
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) {
    throw new TypeError(`Cannot parse an exposition: expected a string or a Uint8Array, got ${typeof text}.`);
  }
  const families = [...parser.push(text), ...parser.end()];
  return problems === undefined ? families : { families, problems };
}

/**
 * Parses an exposition in chunks and yields each metric family as soon as it is complete. Formats and faults are those
 * of `parse()`, wherever the chunks are cut.
 *
 * It holds the current family, the names of those before it, and one chunk, so memory grows with the largest family
 * and not with the length of the exposition.
 *
 * With `{ lenient: true }` lines of a family can come anywhere, so all families are held and yielded at the end; the
 * generator has the list `problems`.
 *
 * A fault can come after families have been yielded; OpenMetrics says that the whole exposition is invalid then. An
 * error of the source is passed on unchanged. Leaving the loop early closes the source.
 *
 * @example
 * ```ts
 * const exporter = new PrometheusExporter(registry);
 * for await (const family of parseStream(exporter.chunks())) console.log(family.name, family.samples.length);
 * ```
 */
export function parseStream(
  chunks: ExpositionChunks,
  contentType: string | undefined,
  options: ParseOptions & { readonly lenient: true },
): LenientFamilies;
export function parseStream(
  chunks: ExpositionChunks,
  contentType?: string,
  options?: ParseOptions & { readonly lenient?: false },
): AsyncGenerator<ParsedFamily, void, undefined>;
export function parseStream(
  chunks: ExpositionChunks,
  contentType: string = DEFAULT_CONTENT_TYPE,
  options?: ParseOptions,
): AsyncGenerator<ParsedFamily, void, undefined> | LenientFamilies {
  const problems = problemsOf(options);
  const generator = familiesOf(chunks, parserOf(contentType, problems));
  return problems === undefined ? generator : Object.assign(generator, { problems });
}

function parserOf(contentType: string, problems: ParseProblem[] | undefined): ExpositionParser {
  return new ExpositionParser(formatOf(contentType, true), problems, OPENMETRICS_2);
}

/** The list for the problems, if parsing is lenient. */
function problemsOf(options: ParseOptions | undefined): ParseProblem[] | undefined {
  const { lenient = false } = options ?? {};
  if (typeof lenient !== 'boolean') {
    throw new TypeError(`Cannot parse an exposition: expected lenient as a boolean, got ${typeof lenient}.`);
  }
  return lenient ? [] : undefined;
}

/** The content type of an exposition without one. */
const DEFAULT_CONTENT_TYPE = 'text/plain; version=0.0.4';
