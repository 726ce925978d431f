import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';

/** A program that docs/frameworks.md shows. */
export interface Recipe {
  readonly code: string;
  /** What the text before it marks as code last: where a recipe has several files, the path of this one. */
  readonly lastMarked: string | undefined;
}

/** The programs of a section of docs/frameworks.md, as they stand there. Throws a RangeError when it shows none. */
export function recipesOf(section: string): readonly [Recipe, ...Recipe[]] {
  const page = readFileSync(join(packageRoot(), 'docs', 'frameworks.md'), 'utf8');
  const [, text = ''] = page.split(`\n## ${section}\n`);
  const blocks = text.split('\n## ')[0]!.matchAll(/(?:`([^`\s]+)`[^`]*\n\n)?^```(?:js|ts)\n(.*?)^```$/gms);
  const [first, ...others] = [...blocks].map(([, lastMarked, code = '']) => ({ code, lastMarked }));
  if (first === undefined)
    throw new RangeError(`Cannot find recipes: expected a program in the section "${section}", got none.`);
  return [first, ...others];
}
