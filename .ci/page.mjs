// Bundles lib/page, the page at `/`, into lib/server/page/embedded.ts: `node .ci/page.mjs`.
//
// The module is in the repository because the sources of lib/ and vendored copies run without a build. A spec fails if it
// is out of date. The bundler is pinned in .ci/bundle and installed by `node .ci/build.mjs`, so the output is the same
// everywhere. `--print` writes the module to standard output instead.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundler = join(root, '.ci', 'bundle', 'node_modules', 'esbuild', 'lib', 'main.js');
const { build } = await import(pathToFileURL(bundler).href);

const module = `/**
 * The files of the page at \`/\`. Generated from lib/page by \`npm run page\`: do not edit.
 */
export const EMBEDDED: Readonly<Record<'html' | 'script' | 'style', string>> = {
  html: ${literal(readFileSync(join(root, 'lib', 'page', 'page.html'), 'utf8'))},
  script: ${literal(await bundled('main.ts'))},
  style: ${literal(await bundled('page.css'))},
};
`;
if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(join(root, 'lib', 'server', 'page', 'embedded.ts'), module);

async function bundled(entry) {
  const { outputFiles } = await build({
    absWorkingDir: join(root, 'lib', 'page'),
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
  });
  return outputFiles[0].text;
}

function literal(text) {
  // Some tools treat these separators as line ends.
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`);
}
