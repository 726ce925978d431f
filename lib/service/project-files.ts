// Reads the files around a program. `node:fs` is not imported, which would slow the start of programs that do without.

/** Name and version of the nearest `package.json` at or above a path, as far as it has them. */
export function nearestPackage(path: string): { readonly name?: string; readonly version?: string } {
  const text = findAbove(path, 'package.json')?.text;
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
  const head = findAbove(path, '.git/HEAD');
  if (head === undefined) return undefined;
  const { dirname, join } = process.getBuiltinModule('node:path');
  const git = dirname(head.path);
  const name = /^ref: (refs\/.+)/.exec(head.text)?.[1];
  if (name === undefined) return commitIn(head.text);
  const packed = textOf(join(git, 'packed-refs'))?.split(/\r?\n/);
  return commitIn(textOf(join(git, name))) ?? commitIn(packed?.find((line) => line.endsWith(` ${name}`)));
}

/** The commit, SHA-1 or SHA-256, that a text begins with. A file of another kind is not to become a label. */
function commitIn(text: string | undefined): string | undefined {
  return /^(?:[\da-f]{40}|[\da-f]{64})(?=\s|$)/.exec(text ?? '')?.[0];
}

/** A file in the folder of a path or in one above it, from the nearest that has it. */
function findAbove(path: string, file: string): { readonly path: string; readonly text: string } | undefined {
  const { dirname, join, resolve } = process.getBuiltinModule('node:path');
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const text = textOf(join(folder, file));
    if (text !== undefined) return { path: join(folder, file), text };
    if (folder === dirname(folder)) return undefined;
  }
}

/** Undefined if there is no such file, or it is not readable. */
function textOf(path: string): string | undefined {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
