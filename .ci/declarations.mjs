// Rolls up declarations: one file per entry, and one or two for the declarations that entries share.
//
// Entries share declarations instead of repeating them: a class with private members is a different type wherever it is
// declared again, and a registry of one entry would not be accepted by another. That rules out @microsoft/api-extractor.
// rollup-plugin-dts keeps the doc comments. It needs the API of TypeScript 5, so both are pinned in .ci/bundle.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const LINE_LENGTH = 120;

/**
 * Rolls up the declarations of `entries`, an object of paths below `root` by name: `{ core: 'dist/lib/core.d.ts' }`. Returns
 * a map of texts by file name, such as `core.d.ts`. What a single entry needs is in its own file. What several need is in
 * `shared.d.ts`, or in `shared-node.d.ts` if it needs `@types/node`: the core must compile without. Files refer to each other
 * as `./shared.js`, which TypeScript resolves to the declarations.
 */
export async function rollUpDeclarations(root, entries) {
  const { rollup } = await load(root, 'rollup');
  const { dts } = await load(root, 'rollup-plugin-dts');
  const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, resolve(root, path)]));
  const kept = keepNamespaces(input);
  const bundle = await rollup({
    input,
    external: /^node:/,
    plugins: [kept, dts({ compilerOptions: { types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] } })],
    onwarn: refuse,
  });
  const { output } = await bundle.generate({
    entryFileNames: '[name].d.ts',
    chunkFileNames: '[name].d.ts',
    manualChunks: sharedBy(Object.values(input)),
    minifyInternalExports: false,
  });
  await bundle.close();
  const files = new Map(output.map(({ fileName, code }) => [fileName, code]));
  return new Map([...files].map(([name, code]) => [name, tidy(withNames(code, files))]));
}

/**
 * The declarations for CommonJS, and for the ES modules of `entries`, which pass them on: each type is declared once, so a
 * program of modules of both kinds has one type of the one registry. The other way round would be an error, since CommonJS
 * cannot require what TypeScript takes for an ES module.
 */
export function inBothFormats(declarations, entries) {
  const files = new Map();
  for (const [name, text] of declarations)
    files.set(name.replace(/\.d\.ts$/, '.d.cts'), text.replace(/(from '\.\/[\w-]+)\.js'/g, "$1.cjs'"));
  const pass = (name) => {
    const text = declarations.get(`${name}.d.ts`);
    files.set(`${name}.d.ts`, passingOn(text, `./${name}.cjs`));
    const [, , namespace] = NAMESPACE.exec(text) ?? [];
    if (namespace !== undefined) pass(namespace);
  };
  for (const name of entries) pass(name);
  return files;
}

/** Rollup's text for `export * as default from './main.js'`. */
const NAMESPACE = /^import \* as (\w+) from '\.\/([\w-]+)\.js';\nexport \{ \1 as default \};\n/m;

/**
 * Exports what a CommonJS file does. The default export is declared again: taken from CommonJS, it would be the whole module,
 * `default` included. An object of names has the types of the named exports.
 */
function passingOn(text, common) {
  const all = `export * from '${common}';\n`;
  const [namespace] = NAMESPACE.exec(text) ?? [];
  if (namespace !== undefined) return all + namespace;
  const [, object] = /^declare const _default: \{\n([^}]*)^\};\n/m.exec(text) ?? [];
  if (object === undefined) return all;
  const names = [...object.matchAll(/^ *(\w+): /gm)].map(([, name]) => name);
  const types = names.map((name) => `  ${name}: typeof ${name};\n`).join('');
  return tidy(
    `import { ${names.join(', ')} } from '${common}';\n${all}declare const _default: {\n${types}};\nexport { _default as default };\n`,
  );
}

/**
 * Keeps `export * as default from './main.ts'` of an entry: main becomes a file too. rollup would copy the namespace, with an
 * alias for each of its types, into the entry. Adds what becomes a file to `input`.
 */
function keepNamespaces(input) {
  const kept = new Map();
  for (const [, path] of Object.entries(input)) {
    const [, from, name] = /^export \* as default from '(\.\/(.+)\.ts)';$/m.exec(readFileSync(path, 'utf8')) ?? [];
    if (from === undefined) continue;
    kept.set(path, { from, id: `./${name}.js` });
    input[name] = join(dirname(path), `${name}.d.ts`);
  }
  return {
    name: 'keep-namespaces',
    resolveId: (source, importer) =>
      kept.get(importer)?.from === source ? { id: kept.get(importer).id, external: true } : undefined,
    // What Node hands to `require()` has the types of the entry itself.
    transform: (code, id) =>
      kept.has(id)
        ? code.replace(/^import \* as .*\n|^declare const (\w+): .*\nexport \{ \1 as 'module\.exports' \};\n/gm, '')
        : undefined,
  };
}

/** Names what an entry exports from the file of its namespace: arethetypeswrong does not follow `export *`. */
function withNames(code, files) {
  return code.replace(/^export \* from '\.\/(.+)\.js';$/gm, (_, name) => {
    const lists = [...files.get(`${name}.d.ts`).matchAll(/^export (?:type )?\{([^}]+)\}/gm)];
    const names = lists.flatMap(([, list]) => list.split(',').map((text) => text.trim().split(' ').at(-1)));
    return `export { ${names.sort().join(', ')} } from './${name}.js';`;
  });
}

/** The shared file for a module, or undefined if only one entry needs it. */
function sharedBy(entries) {
  return (id, { getModuleInfo }) => {
    const users = entries.filter((entry) => reachableFrom(entry, getModuleInfo).has(id));
    if (users.length < 2 || entries.includes(id)) return undefined;
    const needsNode = [...reachableFrom(id, getModuleInfo)].some((path) => path.startsWith('node:'));
    return needsNode ? 'shared-node' : 'shared';
  };
}

function reachableFrom(start, getModuleInfo) {
  const reached = new Set([start]);
  // A Set also visits what is added meanwhile.
  for (const id of reached) for (const next of getModuleInfo(id)?.importedIds ?? []) reached.add(next);
  return reached;
}

/** Drops imports that name nothing, indents by two spaces as the sources do, and breaks the long lists of names of rollup. */
function tidy(code) {
  const indented = code
    .replace(/^import '.+';\n/gm, '')
    .replace(/^(?: {4})+/gm, (spaces) => spaces.slice(spaces.length / 2));
  return indented.replace(/^( *)(import|export) (type )?\{ (.+) \}/gm, (line, indent) => {
    if (line.length <= LINE_LENGTH) return line;
    const [, head, names] = /^( *.*?\{) (.+) \}$/.exec(line);
    const lines = [''];
    for (const name of names.split(', ')) {
      if (`${indent}  ${lines.at(-1)} ${name},`.length > LINE_LENGTH) lines.push('');
      lines[lines.length - 1] += `${lines.at(-1) === '' ? '' : ' '}${name},`;
    }
    return [head, ...lines.map((text) => `${indent}  ${text}`), `${indent}}`].join('\n');
  });
}

/** Fails on every warning except the one about types that no entry exports: users cannot write these names, and need not. */
function refuse({ message }) {
  if (!message.includes('references private shared type exports')) throw new Error(`Cannot roll up: ${message}`);
}

function load(root, name) {
  return import(pathToFileURL(createRequire(join(root, '.ci', 'bundle', 'package.json')).resolve(name)).href);
}
