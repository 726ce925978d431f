import { parse, parseStream } from './parse.ts';

export type { ExpositionChunks } from './exposition-parser.ts';
export type { LenientExposition, LenientFamilies, ParseOptions } from './parse.ts';
export type {
  ParsedBucket,
  ParsedExemplar,
  ParsedFamily,
  ParsedHistogram,
  ParsedSample,
  ParsedSummary,
  ParsedType,
  ParseProblem,
} from './parsed-family.ts';
export { parse, parseStream };

/** The same names as the named exports. */
export default { parse, parseStream };
