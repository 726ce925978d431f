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
 * Returns the files of the page at \`/\`. Generated from lib/page by \`npm run page\`: do not edit.
 *
 * A function, since V8 makes its texts when it is called: a server that nobody looks at holds the source only.
 */
export function embeddedPage(): Readonly<Record<'html' | 'script' | 'style', string>> {
  return {
    html: ${literal(readFileSync(join(root, 'lib', 'page', 'page.html'), 'utf8'))},
    script: ${literal(await bundled('main.ts'))},
    style: ${literal(await bundled('page.css'))},
  };
}
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
    // ASCII: V8 keeps a text with any other character at two bytes for each, here 140 KB more for every server.
    charset: 'ascii',
    legalComments: 'none',
  });
  return outputFiles[0].text;
}

function literal(text) {
  // Some tools treat these separators as line ends.
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`);
}
