// Bundles one of the programs beside this file with each bundler: `node build.mjs FOLDER PROGRAM`. Writes FOLDER/BUNDLER and
// prints the bytes of each: `total`, and `initial`, which loads at once. Minified, for Node.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

const [folder, program] = process.argv.slice(2);
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const entries = { main: join(here, `${program}.mjs`) };
if (program === 'thread') {
  const worker = new URL('thread-worker.js', import.meta.resolve('@finpilot/metrics/thread'));
  entries['thread-worker'] = fileURLToPath(worker);
}

const BUNDLERS = {
  esbuild: (outdir) => esbuild.build({ ...ESBUILD, entryPoints: entries, outdir, format: 'esm' }),
  'esbuild-cjs': (outdir) =>
    esbuild.build({ ...ESBUILD, entryPoints: entries, outdir, format: 'cjs', outExtension: { '.js': '.cjs' } }),
  'esbuild-splitting': (outdir) =>
    esbuild.build({ ...ESBUILD, entryPoints: entries, outdir, format: 'esm', splitting: true }),
  rollup: async (dir) => {
    const bundle = await rollup({ input: entries, plugins: [nodeResolve({ exportConditions: ['node'] })] });
    await bundle.write({ dir, format: 'es', entryFileNames: '[name].js' });
    for (const name of readdirSync(dir)) {
      const { code } = await esbuild.transform(readFileSync(join(dir, name), 'utf8'), { minify: true });
      writeFileSync(join(dir, name), code);
    }
  },
  webpack: (path) =>
    new Promise((resolve, reject) => {
      const config = { mode: 'production', target: 'node20.19', node: { __dirname: false }, entry: entries };
      webpack({ ...config, output: { path, filename: '[name].cjs', chunkFilename: '[id].cjs' } }, (error, stats) => {
        if (error || stats.hasErrors() || stats.hasWarnings()) reject(error ?? new Error(stats.toString('errors-warnings')));
        else resolve();
      });
    }),
  vite: (outDir) =>
    vite({
      configFile: false,
      logLevel: 'warn',
      root: here,
      ssr: { noExternal: true },
      build: { outDir, emptyOutDir: true, minify: true, ssr: true, rollupOptions: { input: entries, output: { entryFileNames: '[name].js' } } },
    }),
};
const ESBUILD = { bundle: true, minify: true, platform: 'node', target: 'node20.19', logLevel: 'warning' };

const sizes = {};
for (const [name, build] of Object.entries(BUNDLERS)) {
  const out = join(folder, program, name);
  rmSync(out, { recursive: true, force: true });
  await build(out);
  // As the nearest package.json says what `.js` is.
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  sizes[name] = sizesOf(out);
}
console.log(JSON.stringify(sizes));

function sizesOf(out) {
  const names = readdirSync(out, { recursive: true }).filter((name) => /\.[cm]?js$/.test(name));
  const contents = new Map(names.map((name) => [name, readFileSync(join(out, name))]));
  const initial = new Set([names.find((name) => /^main\.c?js$/.test(name))]);
  for (const name of initial) {
    if (!contents.has(name)) initial.delete(name); // of a file that webpack copies
    const imports = (contents.get(name) ?? '').toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g);
    for (const [, to] of imports) initial.add(to);
  }
  const sum = (list, size) => [...list].reduce((total, name) => total + size(contents.get(name)), 0);
  const bytes = (content) => content.length;
  return {
    total: sum(names, bytes),
    initial: sum(initial, bytes),
    initialGzipped: sum(initial, (content) => gzipSync(content).length),
  };
}
