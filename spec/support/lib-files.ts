import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';
import { type SourceToken, sourceTokens } from './source-tokens.ts';

/** A source file of lib. */
export interface LibFile {
  /** From the package root, with slashes: `lib/metrics/counter.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports or exports from, types included: paths as {@link path} has them, other specifiers as they stand. */
  readonly imports: readonly string[];
  /** Those of {@link imports} that are loaded when the program runs. */
  readonly loads: readonly string[];
}

/** What one file says of another. */
export interface SourceImport {
  readonly specifier: string;
  /** Whether it says `import type` or `export type`, so that nothing is loaded. */
  readonly isType: boolean;
}

/** The specifier of a call whose argument is not a literal: its target is unknown. */
export const COMPUTED = '(computed)';

/** Reads every source file below the `lib` of a package. */
export function readLibFiles(root = packageRoot()): LibFile[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .map((name) => readLibFile(`lib/${name.replaceAll('\\', '/')}`, root));
}

/** Reads one source file by its path from the package root. */
export function readLibFile(path: string, root = packageRoot()): LibFile {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = importsOf(text).map(({ specifier, isType }) => ({ to: resolve(path, specifier), isType }));
  return {
    path,
    text,
    imports: imports.map(({ to }) => to),
    loads: imports.filter(({ isType }) => !isType).map(({ to }) => to),
  };
}

/**
 * All that loads a module or its types, in the order of the source: `import`, `export … from`, `import(…)`, `require(…)`
 * and `process.getBuiltinModule(…)`.
 *
 * Read from tokens, so neither comments nor what stands in strings can hide an import or look like one.
 */
export function importsOf(text: string): SourceImport[] {
  const tokens = sourceTokens(text);
  return tokens.flatMap((token, i) => {
    if (token.kind !== 'word') return [];
    const isCalled = is(tokens[i + 1], '(');
    switch (token.text) {
      case 'import':
        if (isKey(tokens, i)) return [];
        // `import.defer(…)` and `import.source(…)` load as `import(…)` does; `import.meta` does not.
        if (is(tokens[i + 1], '.')) return tokens[i + 2]?.text === 'meta' ? [] : [called(tokens, i)];
        return isCalled ? [called(tokens, i)] : declared(tokens, i);
      case 'export':
        return !isKey(tokens, i) && isExportFrom(tokens, i) ? declared(tokens, i) : [];
      case 'require':
        return isCalled && !isKey(tokens, i) ? [called(tokens, i)] : [];
      case 'getBuiltinModule':
        // Taken off `process` it could be called under any name.
        return [isCalled ? called(tokens, i) : { specifier: COMPUTED, isType: false }];
      default:
        return [];
    }
  });
}

/** Whether the word is a property name. After a spread it is not. */
function isKey(tokens: readonly SourceToken[], i: number): boolean {
  return (is(tokens[i - 1], '.') && !is(tokens[i - 2], '.')) || is(tokens[i + 1], ':');
}

function isExportFrom(tokens: readonly SourceToken[], i: number): boolean {
  const first = tokens[i + 1]?.text === 'type' ? i + 2 : i + 1;
  if (is(tokens[first], '*')) return true;
  if (!is(tokens[first], '{')) return false;
  const end = tokens.findIndex((token, at) => at > first && is(token, '}'));
  return tokens[end + 1]?.text === 'from';
}

/** A declaration's specifier is its first string that follows `from`, or nothing but the keyword. */
function declared(tokens: readonly SourceToken[], keyword: number): SourceImport[] {
  const isType = tokens[keyword + 1]!.text === 'type' && tokens[keyword + 2]!.text !== 'from';
  for (let i = keyword + 1; i < tokens.length && !is(tokens[i], ';') && !is(tokens[i], '='); i++) {
    const { kind, text } = tokens[i]!;
    if (kind === 'string' && (i === keyword + 1 || tokens[i - 1]!.text === 'from'))
      return [{ specifier: text, isType }];
  }
  return []; // `import x = require('y')`: the call is found by itself
}

function called(tokens: readonly SourceToken[], word: number): SourceImport {
  const open = tokens.findIndex((token, at) => at > word && is(token, '('));
  const literal = tokens[open + 1];
  const isAlone = is(tokens[open + 2], ')') || is(tokens[open + 2], ',');
  const isLiteral = isAlone && (literal?.kind === 'string' || literal?.kind === 'template');
  return { specifier: isLiteral ? literal.text : COMPUTED, isType: false };
}

function is(token: SourceToken | undefined, punctuator: string): boolean {
  return token?.kind === 'punctuator' && token.text === punctuator;
}

function resolve(importer: string, specifier: string): string {
  return specifier.startsWith('.') ? join(importer, '..', specifier).replaceAll('\\', '/') : specifier;
}
