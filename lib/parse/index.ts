import { parse, parseStream } from './parse.ts';

export type { ExpositionChunks, LenientExposition, LenientFamilies, ParseOptions } from './parse.ts';
export type { ParsedExemplar, ParsedFamily, ParsedSample, ParsedType, ParseProblem } from './parsed-family.ts';
export { parse, parseStream };

/** The same names as the named exports. */
export default { parse, parseStream };
