/** Makes the address of each further attempt unique. */
let attempts = 0;

/**
 * Imports a module on demand; `name` is a function that it exports.
 *
 * Node 20 caches a failure to read a file, such as EMFILE, under the module's address: the same `import()` then fails forever,
 * even when the file can be read again. So a failed load is retried once under a new address. Rejects with
 * the error of the first attempt; the next call tries again. Also rejects if the module is another one: an installation has
 * replaced the files of a running program, whose engine keeps what it has read.
 */
export async function loadModule<T extends object>(load: () => Promise<T>, name: keyof T & string): Promise<T> {
  const isWanted = (module: object | undefined): module is T => typeof (module as T | undefined)?.[name] === 'function';
  try {
    const loaded = await load();
    if (isWanted(loaded)) return loaded;
  } catch (error) {
    const path = (error as { readonly path?: unknown } | undefined)?.path;
    if (typeof path !== 'string') throw error;
    try {
      // The comments make bundlers leave this import alone.
      const again: object = await import(
        /* webpackIgnore: true */ /* @vite-ignore */ `${addressOf(path)}?attempt=${++attempts}`
      );
      // The file that could not be read may also be one of the module's imports. A bundled file may contain several modules,
      // and then exports one object per module.
      const found = [again, ...Object.values(again)].find(isWanted);
      if (found !== undefined) return found;
    } catch {
      // The first error says more.
    }
    throw error;
  }
  throw new Error(`Cannot load ${name}(): the files of this package were replaced. Restart the program.`);
}

function addressOf(path: string): string {
  const url = new URL('file:///');
  url.pathname = path
    .replaceAll('\\', '/')
    .replace(/^(?!\/)/, '/')
    .replaceAll('%', '%25');
  return url.href;
}
