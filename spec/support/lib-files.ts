import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** A source file of lib. */
export interface LibFile {
  /** From the package root, with slashes: `lib/metrics/counter.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports or exports from, types included: paths as {@link path} has them, other specifiers as they stand. */
  readonly imports: readonly string[];
}

/** Reads every source file below lib. */
export function readLibFiles(): LibFile[] {
  const root = packageRoot();
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = `lib/${name.replaceAll('\\', '/')}`;
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: specifiersOf(text).map((specifier) => resolve(path, specifier)) };
    });
}

/** The specifiers of `import … from`, `export … from`, `import '…'` and `import('…')`, outside of comments. */
export function specifiersOf(text: string): string[] {
  const code = text.replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
  const statements = /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(statements)].map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!);
}

function resolve(importer: string, specifier: string): string {
  return specifier.startsWith('.') ? join(importer, '..', specifier).replaceAll('\\', '/') : specifier;
}
