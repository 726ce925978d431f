// Makes lib/server/page/embedded.ts, which holds the page at `/`, from lib/page: `node .ci/page.mjs`.
//
// The module is kept in the repository, since the sources of lib/ and vendored copies run without a build; a spec fails
// when it is older than lib/page. Needs the pinned bundler of .ci/bundle, which `node .ci/build.mjs` installs, and gives
// the same bytes everywhere. `--print` writes the module to standard output instead.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundler = join(root, '.ci', 'bundle', 'node_modules', 'esbuild', 'lib', 'main.js');
const { build } = await import(pathToFileURL(bundler).href);

const module = `/**
 * The page at \`/\` and what it loads. Generated from lib/page by \`npm run page\`: do not edit.
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
  // The separators are line ends to some tools.
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`);
}
