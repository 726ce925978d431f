// Reads the files around a program. `node:fs` is not imported, which would slow the start of programs that do without.

/**
 * Name and version of the nearest `package.json` at or above a path that has a name. One without, such as that of a build that
 * only says `"type": "module"`, is not the program's.
 */
export function nearestPackage(path: string): { readonly name?: string; readonly version?: string } {
  const { join } = process.getBuiltinModule('node:path');
  for (const folder of foldersAbove(path)) {
    const { name, version } = readPackage(textOf(join(folder, 'package.json')));
    if (typeof name === 'string') return { name, ...(typeof version === 'string' ? { version } : {}) };
  }
  return {};
}

function readPackage(text = '{}'): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** The commit that is checked out in the Git repository around a path. */
export function gitRevision(path: string): string | undefined {
  const { join, resolve } = process.getBuiltinModule('node:path');
  const git = gitFolder(path);
  if (git === undefined) return undefined;
  const head = textOf(join(git, 'HEAD'));
  const name = /^ref: (refs\/.+)/.exec(head ?? '')?.[1];
  if (name === undefined) return commitIn(head);
  // The branches of a worktree are those of its repository.
  const common = resolve(git, textOf(join(git, 'commondir'))?.trim() ?? '');
  const packed = textOf(join(common, 'packed-refs'))?.split(/\r?\n/);
  return commitIn(textOf(join(common, name))) ?? commitIn(packed?.find((line) => line.endsWith(` ${name}`)));
}

/** The nearest folder `.git`, or what a file of this name leads to: that of a worktree or submodule. */
function gitFolder(path: string): string | undefined {
  const { join, resolve } = process.getBuiltinModule('node:path');
  for (const folder of foldersAbove(path)) {
    const file = textOf(join(folder, '.git'));
    if (file !== undefined) return resolve(folder, /^gitdir: (.+)/.exec(file)?.[1] ?? '.git');
    if (textOf(join(folder, '.git', 'HEAD')) !== undefined) return join(folder, '.git');
  }
  return undefined;
}

/** The commit, SHA-1 or SHA-256, that a text begins with. A file of another kind is not to become a label. */
function commitIn(text: string | undefined): string | undefined {
  return /^(?:[\da-f]{40}|[\da-f]{64})(?=\s|$)/.exec(text ?? '')?.[0];
}

/** A path and the folders that it is in, the nearest first. */
function* foldersAbove(path: string): Generator<string, undefined> {
  const { dirname, resolve } = process.getBuiltinModule('node:path');
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    yield folder;
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
