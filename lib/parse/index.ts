import { parse, parseStream } from './parse.ts';

export type { ExpositionChunks } from './parse.ts';
export type { ParsedExemplar, ParsedFamily, ParsedSample, ParsedType } from './parsed-family.ts';
export { parse, parseStream };

/** The same names as the named exports. */
export default { parse, parseStream };
