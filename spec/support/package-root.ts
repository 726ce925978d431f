import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The absolute path of the package's folder, which holds `package.json`, without a separator at the end.
 *
 * The same from `spec/` and from `dist/spec/`, which is one level deeper. Throws an `Error` when no folder above this
 * file holds a `package.json`.
 */
export function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) {
      throw new Error(`Cannot find the package root: expected package.json in a folder above ${start}, got none.`);
    }
  }
}
