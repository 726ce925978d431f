// The contents of a vendored copy, and the comparison with its manifest. Used by vendor.mjs.
//
// A copy is a folder with manifest.json at its top:
//
//   { "name": "@finpilot/metrics", "version": "0.1.0",
//     "files": [{ "path": "LICENSE", "sizeBytes": 1084, "sha256": "…" }, …] }
//
// `files` names every other file of the copy, sorted by path. Nothing in a copy depends on the day, the machine or the
// folder, so one version always gives the same bytes.

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ENTRIES } from './entries.mjs';

/** Name of the file that makes a folder a vendored copy. */
export const MANIFEST = 'manifest.json';

/**
 * The files of a new copy, the manifest last: a Map from path (with `/`) to bytes.
 *
 * `root` is the checkout, `compiled` the folder with the compiler's output of lib/.
 */
export function newCopy(root, compiled) {
  const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = new Map();
  // The page's parts are there for their specs; what is served of them is in server/page/embedded.js.
  for (const path of filesBelow(compiled).filter((path) => !path.startsWith('page/'))) {
    if (/\.(js|d\.ts)$/.test(path))
      files.set(path, Buffer.from(withoutSourceMap(readFileSync(join(compiled, path), 'utf8'))));
  }
  files.set('LICENSE', readFileSync(join(root, 'LICENSE')));
  files.set('README.md', Buffer.from(readme(about)));
  files.set('package.json', jsonFile(packageOfCopy(about)));
  files.set(MANIFEST, jsonFile(manifestOf(about, files)));
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

// The sources are not in the copy, so the maps are left out and so is the comment that would point at them.
function withoutSourceMap(text) {
  return text.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n');
}

/** The package.json that lets Node and compilers see ES modules, and lets a `file:` dependency find the entries. */
function packageOfCopy({ name, version, description, license, type, engines, sideEffects, exports }) {
  // The compiled files stand beside their declarations; the bundles, which the package exports, are not in the copy.
  const entries = Object.entries(exports).map(([entry, target]) => {
    if (typeof target === 'string') return [entry, target];
    const module = ENTRIES[entry.slice(2) || 'index'].replace(/^lib\/(.+)\.ts$/, './$1');
    return [entry, { types: `${module}.d.ts`, default: `${module}.js` }];
  });
  const own = { name, version, description, license, type, engines, sideEffects };
  return {
    ...own,
    bin: './cli/index.js',
    main: './index.js',
    types: './index.d.ts',
    exports: Object.fromEntries(entries),
  };
}

function manifestOf({ name, version }, files) {
  const paths = [...files.keys()].sort();
  return {
    name,
    version,
    files: paths.map((path) => ({ path, sizeBytes: files.get(path).length, sha256: sha256(files.get(path)) })),
  };
}

function readme({ name, version, engines }) {
  return `# ${name} ${version}, vendored

A copy of the compiled library, its declarations and its licence. It needs nothing else; Node ${engines.node}.

\`\`\`js
import { Counter, register } from './vendor/finpilot-metrics/index.js'; // the path from your file to this folder
\`\`\`

\`require('./vendor/finpilot-metrics/index.js')\` gives the same names. \`core.js\` is the part that needs no Node,
\`finpilot/index.js\` the FinPilot catalogue. As a dependency, \`"${name}": "file:./vendor/finpilot-metrics"\` in
your package.json lets your code import it by its name.

Do not edit these files: \`manifest.json\` holds the SHA-256 of each. In a checkout of ${name},
\`npm run vendor -- --check DIR\` tells whether this copy was changed and \`npm run vendor -- DIR\` replaces it.
`;
}

function jsonFile(value) {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function isFileList(files) {
  return (
    Array.isArray(files) && files.every((file) => typeof file?.path === 'string' && typeof file.sha256 === 'string')
  );
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
