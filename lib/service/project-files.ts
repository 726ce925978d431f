// Reads the files around a program. `node:fs` is not imported, which would slow the start of programs that do without.

/**
 * Name and version of the nearest `package.json` at or above a path that has a name. One without, such as that of a build that
 * only says `"type": "module"`, is not the program's.
 */
export function nearestPackage(path: string): { readonly name?: string; readonly version?: string } {
  for (const { text } of filesAbove(path, 'package.json')) {
    const { name, version } = readPackage(text);
    if (typeof name === 'string') return { name, ...(typeof version === 'string' ? { version } : {}) };
  }
  return {};
}

function readPackage(text: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** The commit that is checked out in the Git repository around a path. */
export function gitRevision(path: string): string | undefined {
  const [head] = filesAbove(path, '.git/HEAD');
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

/** The files of a name in the folder of a path and in those above it, the nearest first. */
function* filesAbove(
  path: string,
  file: string,
): Generator<{ readonly path: string; readonly text: string }, undefined> {
  const { dirname, join, resolve } = process.getBuiltinModule('node:path');
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const text = textOf(join(folder, file));
    if (text !== undefined) yield { path: join(folder, file), text };
    if (folder === dirname(folder)) return;
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
