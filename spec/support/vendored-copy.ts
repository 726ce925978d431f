import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.ts';

/** The part of `.ci/vendored-copy.mjs` that writes copies. */
interface VendoredCopy {
  newCopy(root: string, compiled: string, entries?: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/**
 * Writes a vendored copy into a new folder, as `npm run vendor -- FOLDER` does, with `dist/lib` as it is. In this process:
 * the compiler, which takes seconds to load, is loaded once for all copies.
 */
export async function writeCopy(folder: string, entries?: readonly string[]): Promise<void> {
  const root = packageRoot();
  const { newCopy } = (await import(pathToFileURL(join(root, '.ci', 'vendored-copy.mjs')).href)) as VendoredCopy;
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of await newCopy(root, join(root, 'dist', 'lib'), entries))
    writeFileSync(join(folder, name), bytes);
}
