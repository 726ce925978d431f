// Bundles the entries of lib into dist/bundle, which package.json exports: `await bundle(root)`, after the compiler.
//
// Node takes 20 ms to load the 50 files of the core one by one, and 3 ms to load two. So everything that the core loads at
// once goes into one file, shared-core.js, and whatever else needs a part of it imports it from there: it is read once, and
// there is one default registry, whichever entries a program uses. esbuild by itself would cut the core into as many files
// as there are sets of entries that use a part of it.

import { basename, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { ENTRIES } from '../entries.mjs';

const CLI = 'lib/cli/index.ts';
const SHARED_CORE = 'shared-core';
/**
 * Modules that the core loads together, by the file that holds them: each scrape needs all of it, and every file costs a
 * process 20 KB of memory.
 */
const TOGETHER = { scraping: ['lib/registry/gathering.ts', 'lib/exposition/exposition-writer.ts'] };

export async function bundle(root) {
  const options = {
    absWorkingDir: root,
    outdir: 'dist/bundle',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // White space is a third of what the engine would have to read; names stay, for stack traces.
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  };
  const loadedLater = new Map();
  const modules = await modulesAtOnce(options, loadedLater);
  // All their exports, so that an import of any of these modules finds its names here.
  const contents = modules.map((path) => `export * from './${path}';`).join('\n');
  const stdin = { contents, resolveDir: root, sourcefile: `${SHARED_CORE}.ts` };
  await build({ ...options, stdin, entryNames: SHARED_CORE, plugins: [leaveForLater(loadedLater)] });
  const { index, ...others } = { ...ENTRIES, ...Object.fromEntries([...loadedLater].map(([name]) => [name, name])) };
  // The main entry by itself: each file that it shares with another would cost every program 0.3 ms. It takes classes that
  // are entries' too, Summary and Pushgateway, from those: two files for one class per name.
  for (const entries of [{ index }, others]) {
    await build({
      ...options,
      entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
      chunkNames: 'shared-[hash]',
      splitting: true,
      plugins: [takeFromCore(root, modules), takeFromEntries(root), exportAll(root, loadedLater)],
    });
  }
  // Bundled separately: a shared part would be one more file for the entries to load.
  await build({ ...options, entryPoints: [{ in: CLI, out: 'cli' }] });
}

/** The modules that the core loads at once, but for its entry, whose default export is its own affair. */
async function modulesAtOnce(options, loadedLater) {
  const { metafile } = await build({
    ...options,
    entryPoints: [ENTRIES.core],
    metafile: true,
    write: false,
    plugins: [leaveForLater(loadedLater)],
  });
  return Object.keys(metafile.inputs).filter((path) => path !== ENTRIES.core);
}

/** Leaves what the core loads by `import()` to files of their own, and notes their sources by the names of the files. */
function leaveForLater(loadedLater) {
  return {
    name: 'leave-for-later',
    setup({ onResolve, initialOptions }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = relative(initialOptions.absWorkingDir, join(resolveDir, path));
        const [name, sources] = Object.entries(TOGETHER).find(([, together]) => together.includes(source)) ?? [
          basename(path, '.ts'),
          [source],
        ];
        loadedLater.set(name, sources);
        return { path: `./${name}.js`, external: true };
      });
    },
  };
}

/** Makes an entry of each file that is loaded later: it exports what its sources do. */
function exportAll(root, loadedLater) {
  return {
    name: 'export-all',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^[^.]/ }, ({ kind, path }) =>
        kind === 'entry-point' && loadedLater.has(path) ? { path, namespace: 'loaded-later' } : undefined,
      );
      onLoad({ filter: /^/, namespace: 'loaded-later' }, ({ path }) => ({
        contents: loadedLater
          .get(path)
          .map((source) => `export * from './${source}';`)
          .join('\n'),
        resolveDir: root,
      }));
    },
  };
}

/**
 * Takes an entry that another one imports from its own file: there must be one of its classes in a program, as of the core's.
 * The entry of the core has no names itself: an import of it gets the names of the file that holds the core.
 */
function takeFromEntries(root) {
  const { core: _, ...others } = ENTRIES;
  const entries = new Map(Object.entries(others).map(([out, source]) => [resolve(root, source), `./${out}.js`]));
  return {
    name: 'take-from-entries',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const entry = kind === 'entry-point' ? undefined : entries.get(join(resolveDir, path));
        return entry === undefined ? undefined : { path: entry, external: true };
      });
    },
  };
}

/** Takes the modules of the core from the file that holds them all. */
function takeFromCore(root, modules) {
  const core = new Set(modules.map((path) => resolve(root, path)));
  return {
    name: 'take-from-core',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
        core.has(join(resolveDir, path)) ? { path: `./${SHARED_CORE}.js`, external: true } : undefined,
      );
    },
  };
}
