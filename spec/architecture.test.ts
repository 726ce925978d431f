import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from './support/files-below.ts';
import { areaOf, importFaults } from './support/import-rules.ts';
import { COMPUTED, readLibFiles } from './support/lib-files.ts';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

const FILES = readLibFiles();
const IMPORTS = new Map(FILES.map(({ path, imports }) => [path, imports]));

test('lib imports along the edges of the architecture only, without a cycle, and no package', () => {
  assert.deepEqual(importFaults(FILES), []);
});

test('the core reaches no module of Node', () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const to of IMPORTS.get(path) ?? []) visit(to);
  };
  visit('lib/core.ts');
  assert.deepEqual(
    [...reached].filter((path) => !path.startsWith('lib/') && path !== COMPUTED),
    [],
  );
  assert.deepEqual([...new Set([...reached].filter((path) => path !== COMPUTED).map(areaOf))].sort(), [
    'core.ts',
    'exposition',
    'metrics',
    'model',
    'registry',
  ]);
});

test('the core names nothing that is not in a browser too', () => {
  const root = packageRoot();
  const options =
    '--ignoreConfig --noEmit --strict --module nodenext --moduleDetection force --target es2023 --lib es2023,es2024.string,dom';
  const tsc = [
    `${root}/node_modules/typescript/bin/tsc`,
    ...options.split(' '),
    '--allowImportingTsExtensions',
    '--types',
    '',
  ];
  const { stdout, status } = runProgram(process.execPath, [...tsc, 'lib/core.ts'], root);
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

test('lib/page is compiled without the types of a browser, but for its view and its entry', {
  skip: whyNotBuilt(),
}, () => {
  const isForBrowsers = (path: string): boolean => path.startsWith('lib/page/view/') || path === 'lib/page/main.ts';
  const expected = FILES.map(({ path }) => path).filter((path) => path.startsWith('lib/page/') && !isForBrowsers(path));
  // The root's configuration has no such types. It takes of lib/page what the specs import, so what they do not import is
  // found here too.
  const compiled = filesBelow(join(packageRoot(), 'dist', 'lib', 'page')).filter((path) => path.endsWith('.js'));
  assert.deepEqual(
    compiled.map((path) => `lib/page/${path.replace(/\.js$/, '.ts')}`),
    expected.sort(),
  );
});

test('lib/page names no metric of an application: its rows come from the exposition', () => {
  const sources = FILES.filter(({ path }) => path.startsWith('lib/page/'));
  assert.ok(sources.length > 10, `${sources.length} files`);
  assert.deepEqual(
    sources.filter(({ text }) => /finpilot/i.test(text)).map(({ path }) => path),
    [],
  );
});

test('no file of lib has more than 350 lines', () => {
  assert.deepEqual(
    FILES.filter(({ text }) => text.split('\n').length > 351).map(({ path }) => path),
    [],
  );
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
  const declaration =
    /^(export )?(?:declare |abstract |async )*(?:function\*?|class|const|let|interface|type|enum) (\w+)/;
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
      if (new RegExp(`^(?:abstract )?(?:class|const|function|type|interface) ${local}\\b`, 'm').test(text))
        exported.add(local!);
    }
  }
  return [...exported].filter((name) => !documented.has(name));
}
