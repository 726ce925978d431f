// Reads the files around a program. `node:fs` is not imported, which would slow the start of programs that do without.

/** Name and version of the nearest `package.json` at or above a path, as far as it has them. */
export function nearestPackage(path: string): { readonly name?: string; readonly version?: string } {
  const text = findAbove(path, 'package.json');
  try {
    const { name, version } = JSON.parse(text ?? '{}') as { readonly name?: unknown; readonly version?: unknown };
    return {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof version === 'string' ? { version } : {}),
    };
  } catch {
    return {};
  }
}

/** The commit that is checked out in the Git repository around a path. */
export function gitRevision(path: string): string | undefined {
  const head = findAbove(path, '.git/HEAD')?.trim();
  if (head === undefined) return undefined;
  if (!head.startsWith('ref: ')) return head;
  const name = head.slice('ref: '.length);
  const loose = findAbove(path, `.git/${name}`)?.trim();
  if (loose !== undefined) return loose;
  const packed = findAbove(path, '.git/packed-refs')?.split('\n');
  return packed?.find((line) => line.endsWith(` ${name}`))?.split(' ')[0];
}

/** The text of a file in the folder of a path or in one above it, from the nearest that has it. */
function findAbove(path: string, file: string): string | undefined {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { dirname, join, resolve } = process.getBuiltinModule('node:path');
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      return readFileSync(join(folder, file), 'utf8');
    } catch {
      // Not here, or not readable, or the path is a file.
      if (folder === dirname(folder)) return undefined;
    }
  }
}
