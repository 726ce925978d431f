// Bundles lib/page, the page at `/`, into lib/server/page/embedded.ts: `node .ci/page.mjs`.
//
// The module is in the repository because the sources of lib/ and vendored copies run without a build. A spec fails if it
// is out of date. The bundler is pinned in .ci/bundle and installed by `node .ci/build.mjs`, so the files are the same
// everywhere; how they are compressed depends on Node's version. `--print` writes the files to standard output instead, as JSON.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundler = join(root, '.ci', 'bundle', 'node_modules', 'esbuild', 'lib', 'main.js');
const { build } = await import(pathToFileURL(bundler).href);

const files = {
  html: readFileSync(join(root, 'lib', 'page', 'page.html'), 'utf8'),
  script: await bundled('main.ts'),
  style: await bundled('page.css'),
};
if (process.argv.includes('--print')) process.stdout.write(JSON.stringify(files));
else writeFileSync(join(root, 'lib', 'server', 'page', 'embedded.ts'), moduleOf(files));

function moduleOf({ html, script, style }) {
  return `/**
 * Returns the files of the page at \`/\`, compressed by gzip, in base64. Generated from lib/page by \`npm run page\`: do not edit.
 *
 * A server that nobody looks at holds the source of this module only: a third of the files.
 */
export function embeddedPage(): Readonly<Record<'html' | 'script' | 'style', string>> {
  return {
    html: ${literal(html)},
    script: ${literal(script)},
    style: ${literal(style)},
  };
}
`;
}

/**
 * A template literal in lines of 120 characters; decoders of base64 skip the ends of lines. A raw one: the minifier would
 * make one line of another.
 */
function literal(text) {
  const lines = gzipSync(text, { level: 9 })
    .toString('base64')
    .match(/.{1,120}/g);
  return `String.raw\`\n${lines.join('\n')}\n\``;
}

async function bundled(entry) {
  const { outputFiles } = await build({
    absWorkingDir: join(root, 'lib', 'page'),
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    legalComments: 'none',
  });
  return outputFiles[0].text;
}
