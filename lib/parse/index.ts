import { parse } from './parse.ts';
import { parseStream } from './parse-stream.ts';

export { parse, parseStream };
export type { ExpositionChunks } from './parse-stream.ts';
export type { ParsedExemplar, ParsedFamily, ParsedSample, ParsedType } from './parsed-family.ts';

/** The same names as the named exports. */
export default { parse, parseStream };
