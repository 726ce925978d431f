/** Makes the address of each further attempt a new one. */
let attempts = 0;

/**
 * Loads a module that is imported when it is first needed; `name` is one of its exports.
 *
 * Node 20 caches the failure to read a file, such as EMFILE, under the module's address: the same `import()` then fails for
 * ever, although the file could be read again. So a failed load is tried once more under an address of its own. Rejects with
 * the error of the first attempt; the next call tries again.
 */
export async function loadModule<T extends object>(load: () => Promise<T>, name: keyof T & string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const path = (error as { readonly path?: unknown } | undefined)?.path;
    if (typeof path !== 'string') throw error;
    try {
      // Bundlers have no file to read here, and leave it alone.
      const again: object = await import(
        /* webpackIgnore: true */ /* @vite-ignore */ `${addressOf(path)}?attempt=${++attempts}`
      );
      // The file that could not be read may be one that the module imports.
      if (name in again) return again as T;
    } catch {
      // The first error says more.
    }
    throw error;
  }
}

function addressOf(path: string): string {
  const url = new URL('file:///');
  url.pathname = path
    .replaceAll('\\', '/')
    .replace(/^(?!\/)/, '/')
    .replaceAll('%', '%25');
  return url.href;
}
