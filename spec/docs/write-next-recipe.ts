import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { recipesOf } from './recipes-of.ts';

/** Writes the files of the recipe for Next.js into the folder of an application, under the paths that the page gives them. */
export function writeNextRecipe(folder: string): void {
  for (const { code, lastMarked } of recipesOf('Next.js')) {
    const path = join(folder, lastMarked!);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
}
