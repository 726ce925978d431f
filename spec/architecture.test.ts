import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from './support/files-below.ts';
import { readLibFiles, specifiersOf } from './support/lib-files.ts';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

// Who may import whom: the table of docs/architecture.md. A folder of lib may import its own files, those listed, and
// `node:` modules only where that is listed. Anything else fails, so a new folder has to be added here first.

const CORE = ['model', 'metrics', 'registry', 'exposition'] as const;

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  exposition: ['model'],
  // For registry.metrics(); the exposition sees a registry as a Gatherer of the model, so there is no way back.
  registry: ['model', 'exposition'],
  metrics: ['model', 'registry'],
  server: ['model', 'registry', 'exposition', 'metrics', 'node:'],
  collectors: ['model', 'registry', 'metrics', 'node:'],
  finpilot: ['model', 'registry', 'metrics', 'node:'],
  parse: ['model'],
  // Runs in a browser. The server has it as text, in a module that is generated.
  page: ['model', 'parse'],
  testing: ['model'],
  push: ['model', 'registry', 'exposition', 'node:'],
  cli: ['server', 'node:'],
  aggregate: ['model', 'registry', 'node:'],
  'core.ts': CORE,
  'summary.ts': ['metrics'],
  // Of node: and aggregate nothing is loaded before a registry is created that gathers from workers.
  'drop-in': [...CORE, 'collectors', 'push', 'aggregate', 'node:'],
  'main.ts': ['core.ts', 'summary.ts', 'server', 'collectors', 'model', 'drop-in', 'push'],
  'index.ts': ['main.ts'],
};

const FILES = readLibFiles();
const IMPORTS = new Map(FILES.map(({ path, imports }) => [path, imports]));

/** The folder of lib that a path is in, or the file right in lib; `node:` for Node's modules. */
function areaOf(path: string): string {
  if (path.startsWith('node:')) return 'node:';
  return path.startsWith('lib/') ? path.split('/')[1]! : path;
}

test('lib imports along the edges of the architecture only', () => {
  const wrong = FILES.flatMap(({ path, imports }) => {
    const allowed = ALLOWED[areaOf(path)];
    assert.ok(allowed !== undefined, `${path} is in a folder that the architecture does not know`);
    return imports.filter((to) => areaOf(to) !== areaOf(path) && !allowed.includes(areaOf(to))).map((to) => `${path} → ${to}`);
  });
  assert.deepEqual(wrong, []);
});

test('lib imports files of lib that exist, and modules of Node, but no package', () => {
  for (const { path, imports } of FILES) {
    for (const to of imports) assert.ok(to.startsWith('node:') || IMPORTS.has(to), `${path} → ${to}`);
  }
});

test('lib/drop-in is imported by the main entry alone', () => {
  const importers = FILES.filter(({ path, imports }) => areaOf(path) !== 'drop-in' && imports.some((to) => areaOf(to) === 'drop-in'));
  assert.deepEqual(importers.map(({ path }) => path), ['lib/main.ts']);
});

test('lib/metrics imports of the registry the default one, and the class as a type', () => {
  for (const { path, text } of FILES.filter((file) => areaOf(file.path) === 'metrics')) {
    for (const [statement] of text.matchAll(/^import\b.*'\.\.\/registry\/.*$/gm)) {
      assert.match(statement, /^import (type \{ MetricsRegistry \} from '..\/registry\/metrics-registry.ts'|\{ register \} from '..\/registry\/register.ts');$/, path);
    }
  }
});

test('lib has no cycle of imports, types included', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.notEqual(state.get(path), 'open', `cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
    if (state.has(path)) return;
    state.set(path, 'open');
    for (const to of IMPORTS.get(path) ?? []) visit(to, [...trail, path]);
    state.set(path, 'done');
  };
  for (const { path } of FILES) visit(path, []);
});

test('the core reaches no module of Node', () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const to of IMPORTS.get(path) ?? []) visit(to);
  };
  visit('lib/core.ts');
  assert.deepEqual([...reached].filter((path) => !path.startsWith('lib/')), []);
  assert.deepEqual([...new Set([...reached].map(areaOf))].sort(), [...CORE, 'core.ts'].sort());
});

test('the core names nothing that is not in a browser too', () => {
  const root = packageRoot();
  const options = '--ignoreConfig --noEmit --strict --module nodenext --moduleDetection force --target es2023 --lib es2023,es2024.string,dom';
  const tsc = [`${root}/node_modules/typescript/bin/tsc`, ...options.split(' '), '--allowImportingTsExtensions', '--types', ''];
  const { stdout, status } = runProgram(process.execPath, [...tsc, 'lib/core.ts'], root);
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

test('lib/page is compiled without the types of a browser, but for its view and its entry', { skip: whyNotBuilt() }, () => {
  const isForBrowsers = (path: string): boolean => path.startsWith('lib/page/view/') || path === 'lib/page/main.ts';
  const expected = FILES.map(({ path }) => path).filter((path) => path.startsWith('lib/page/') && !isForBrowsers(path));
  // The root's configuration has no such types. It takes of lib/page what the specs import, so what they do not import is
  // found here too.
  const compiled = filesBelow(join(packageRoot(), 'dist', 'lib', 'page')).filter((path) => path.endsWith('.js'));
  assert.deepEqual(compiled.map((path) => `lib/page/${path.replace(/\.js$/, '.ts')}`), expected.sort());
});

test('no file of lib has more than 300 lines', () => {
  assert.deepEqual(FILES.filter(({ text }) => text.split('\n').length > 301).map(({ path }) => path), []);
});

test('each exported name of lib has a doc comment', () => {
  const undocumented = FILES.flatMap(({ path, text }) => undocumentedNames(text).map((name) => `${path}: ${name}`));
  assert.deepEqual(undocumented, []);
});

/**
 * The names that a file declares and exports without a doc comment right before the declaration. A name that is declared
 * twice, as value and as type, needs one of them; of a class that is exported as a constant of another type, likewise.
 */
function undocumentedNames(text: string): string[] {
  const lines = text.split('\n');
  const declaration = /^(export )?(?:declare |abstract |async )*(?:function\*?|class|const|let|interface|type|enum) (\w+)/;
  const exported = new Set<string>();
  const documented = new Set<string>();
  lines.forEach((line, i) => {
    const [, keyword, name] = declaration.exec(line) ?? [];
    if (name === undefined) return;
    if (keyword !== undefined) exported.add(name);
    // One comment may stand before several constants, each on a line.
    let first = i;
    while (/^export const \w+ = [^{[]*;/.test(lines[first]!) && /^export const/.test(lines[first - 1] ?? '')) first--;
    if (lines[first - 1]?.trimEnd().endsWith('*/') === true) documented.add(name);
  });
  // `export { Local as Public }`; names that the file has imported are documented where they are declared.
  for (const [, list] of text.matchAll(/^export \{([^}]*)\};?$/gm)) {
    for (const [, local] of list!.matchAll(/(\w+)(?: as \w+)?,?/g)) {
      if (new RegExp(`^(?:abstract )?(?:class|const|function|type|interface) ${local}\\b`, 'm').test(text)) exported.add(local!);
    }
  }
  return [...exported].filter((name) => !documented.has(name));
}

test('specifiersOf() finds every form of import, over several lines and not in comments', () => {
  const text = `import a from 'a';
import {
  b,
  type C,
} from "./b.ts";
import type { D } from '../d.ts';
import 'e';
export { f } from './f.ts';
export * from './g.ts';
export type { H } from './h.ts';
const i = await import('i');
// import x from 'x';
/* import y from 'y'; */
/**
 * import z from 'z';
 */
const from = 'no import';
export const word = 'from "nowhere"';
`;
  assert.deepEqual(specifiersOf(text), ['a', './b.ts', '../d.ts', 'e', './f.ts', './g.ts', './h.ts', 'i']);
});
