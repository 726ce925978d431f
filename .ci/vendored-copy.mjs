// The contents of a vendored copy, and the comparison with its manifest. Used by vendor.mjs.
//
// A copy is a folder with manifest.json at its top:
//
//   { "name": "@finpilot/metrics", "version": "0.1.0", "entries": ["core"],
//     "files": [{ "path": "LICENSE", "sizeBytes": 1084, "sha256": "…" }, …] }
//
// `files` names every other file of the copy, sorted by path. `entries` is missing if the copy has all of them. Nothing
// in a copy depends on the day, the machine or the folder, so one version always gives the same bytes.

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { amalgamate, format } from './amalgamation.mjs';
import { rollUpDeclarations } from './declarations.mjs';
import { ENTRIES } from './entries.mjs';

/** Name of the file that makes a folder a vendored copy. */
export const MANIFEST = 'manifest.json';

/**
 * The files of a new copy, the manifest last: a Map from path to bytes.
 *
 * `root` is the checkout, `compiled` the folder with the compiler's output of lib/, `entries` the names of the entries that
 * the copy is to have, as in entries.mjs.
 */
export async function newCopy(root, compiled, entries = Object.keys(ENTRIES)) {
  const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const texts = await amalgamate(root, entries);
  // Entries bring others along, which they import.
  const present = Object.keys(ENTRIES).filter((name) => texts.has(`${name}.js`));
  const declared = present.map((name) => [name, join(compiled, ENTRIES[name].replace(/^lib\/(.*)\.ts$/, '$1.d.ts'))]);
  for (const [path, text] of await rollUpDeclarations(root, Object.fromEntries(declared))) texts.set(path, text);
  for (const [path, text] of format(root, texts)) texts.set(path, text);
  texts.set('LICENSE', readFileSync(join(root, 'LICENSE')));
  texts.set('README.md', readme(about, present));
  texts.set('package.json', `${JSON.stringify(packageOfCopy(about, present), null, 2)}\n`);
  const files = new Map(
    [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => [path, Buffer.from(text)]),
  );
  files.set(MANIFEST, Buffer.from(manifestOf(about, entries, files)));
  return files;
}

/** The manifest of the copy in `folder`; `undefined` when the folder holds no vendored copy of this package. */
export function readManifest(folder, name) {
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code) || error instanceof SyntaxError) return undefined;
    throw error;
  }
  return manifest?.name === name && isFileList(manifest.files) ? manifest : undefined;
}

/** How the copy in `folder` differs from its manifest: `{ changed, missing, extra }`, lists of paths. */
export function differences(folder, manifest) {
  const present = new Set(filesBelow(folder));
  present.delete(MANIFEST);
  const expected = new Map(manifest.files.map((file) => [file.path, file.sha256]));
  const listed = [...expected.keys()];
  return {
    changed: listed.filter((path) => present.has(path) && fingerprint(join(folder, path)) !== expected.get(path)),
    missing: listed.filter((path) => !present.has(path)),
    extra: [...present].filter((path) => !expected.has(path)),
  };
}

/** SHA-256 of a file in hexadecimal; `undefined` if it is not a regular file, such as a link. */
export function fingerprint(path) {
  return lstatSync(path).isFile() ? sha256(readFileSync(path)) : undefined;
}

/** Everything below a folder but its folders, as sorted paths with `/`. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length).replaceAll(sep, '/'))
    .sort();
}

/** The package.json that lets Node and compilers see ES modules, and lets a `file:` dependency find the entries. */
function packageOfCopy({ name, version, description, license, type, engines, sideEffects }, entries) {
  const exports = entries.map((entry) => [
    entry === 'index' ? '.' : `./${entry}`,
    { types: `./${entry}.d.ts`, default: `./${entry}.js` },
  ]);
  const main = entries.includes('index') ? { bin: './cli.js', main: './index.js', types: './index.d.ts' } : {};
  return {
    ...{ name, version, description, license, type, engines, sideEffects },
    ...main,
    exports: { ...Object.fromEntries(exports), './package.json': './package.json' },
  };
}

/** One line per file, for a short manifest whose differences can be read. */
function manifestOf({ name, version }, entries, files) {
  const lines = [...files].map(([path, bytes]) => {
    return `    ${JSON.stringify({ path, sizeBytes: bytes.length, sha256: sha256(bytes) })}`;
  });
  const hasAll = Object.keys(ENTRIES).every((entry) => entries.includes(entry));
  const selected = hasAll ? '' : `  "entries": ${JSON.stringify(entries)},\n`;
  return `{
  "name": ${JSON.stringify(name)},
  "version": ${JSON.stringify(version)},
${selected}  "files": [
${lines.join(',\n')}
  ]
}
`;
}

function readme({ name, version, engines }, entries) {
  const [entry] = entries;
  return `# ${name} ${version}, vendored

Readable ES modules with their declarations. They need nothing else; Node ${engines.node}.

\`\`\`js
import * as metrics from './vendor/finpilot-metrics/${entry}.js'; // the path from your file to this folder
\`\`\`

\`require('./vendor/finpilot-metrics/${entry}.js')\` returns the same names. The entries:
${entries.map((one, i) => `\`${one}.js\`${i === entries.length - 1 ? '.' : i % 8 === 7 ? ',\n' : ', '}`).join('')}

\`shared.js\` holds what several files use, and is the one to read first. As a dependency,
\`"${name}": "file:./vendor/finpilot-metrics"\` in your package.json lets your code import it by its name.

This copy has its own default registry: the package, or another copy, in the same process has a different one.

Do not edit these files: \`manifest.json\` holds the SHA-256 of each. In a checkout of ${name},
\`npm run vendor -- --check DIR\` verifies this copy and \`npm run vendor -- DIR\` updates it.
`;
}

function isFileList(files) {
  return (
    Array.isArray(files) && files.every((file) => typeof file?.path === 'string' && typeof file.sha256 === 'string')
  );
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
