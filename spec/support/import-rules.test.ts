import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { importFaults } from './import-rules.ts';
import { readLibFile, readLibFiles } from './lib-files.ts';
import { packageRoot } from './package-root.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Ways to import, and places to do it. `SPECIFIER` stands for what is imported, `FILE` for what is there already. */
const PLANTS: Readonly<Record<string, string>> = {
  'in the first line': "import { x } from 'SPECIFIER';\nFILE",
  'in the first line, after a comment': "/* x */ import { x } from 'SPECIFIER';\nFILE",
  'in the last line': "FILEimport { x } from 'SPECIFIER';\n",
  'in the last line, which nothing ends': "FILEimport { x } from 'SPECIFIER'",
  'in the last line, after a comment': "FILE// comment\nimport { x } from 'SPECIFIER';\n",
  'in the last line, before a comment': "FILEimport { x } from 'SPECIFIER'; // comment",
  'after a comment with a quote': "FILE// it's\nimport { x } from 'SPECIFIER';\n// it's\n",
  'after a comment in a comment': "FILE/* // */ import { x } from 'SPECIFIER'; // /*\n",
  'after a string that looks like a comment': "FILEconst x = '//', y = \"/*\"; import { z } from 'SPECIFIER';\n",
  'after a template that looks like a comment':
    "FILEconst x = `//`, y = `/*${'`'}/*`; import { z } from 'SPECIFIER';\n",
  'after a regular expression that looks like a string':
    "FILEconst x = /['\"`]/; import { y } from 'SPECIFIER'; const z = /'/;\n",
  'over several lines': "FILEimport {\n  x, // first\n  /* second */ y,\n}\n  // third\n  from\n  'SPECIFIER';\n",
  'for nothing but its effects': "FILEimport 'SPECIFIER';\n",
  'in double quotes': 'FILEimport x from "SPECIFIER"\n',
  'as a namespace': "FILEimport * as x from 'SPECIFIER';\n",
  'as a type': "FILEimport type { X } from 'SPECIFIER';\n",
  'as a type among values': "FILEimport { type X } from 'SPECIFIER';\n",
  'as a type in an expression': "FILEexport type X = import('SPECIFIER').Y | typeof import('SPECIFIER');\n",
  'by an export': "FILEexport { x } from 'SPECIFIER';\n",
  'by an export of all': "FILEexport * from 'SPECIFIER';\n",
  'by an export of a namespace': "FILEexport * as x from 'SPECIFIER';\n",
  'by an export of types': "FILEexport type { X } from 'SPECIFIER';\nexport type * from 'SPECIFIER';\n",
  dynamically: "FILEexport const x = async () => (await import('SPECIFIER')).y;\n",
  'dynamically, with a template': 'FILEexport const x = import(`SPECIFIER`);\n',
  'dynamically, after a comment': "FILEexport const x = import(\n  // why\n  'SPECIFIER');\n",
  'dynamically, in a template': "FILEexport const x = `//${await import('SPECIFIER')}`;\n",
  'by require()': "FILEimport x = require('SPECIFIER');\nrequire('SPECIFIER');\n",
};

const ROOMS = ['model', 'metrics', 'registry', 'exposition'];

const LIB = readLibFiles();

/** What is wrong with lib when these files are written into it: the messages, each once. Only they are in the folder. */
function faultsWith(folder: string, files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const written = Object.keys(files).map((path) => readLibFile(path, folder));
  return [...new Set(importFaults([...LIB.filter(({ path }) => files[path] === undefined), ...written]))].sort();
}

/** A file for each core room that imports the specifier there, beside an import of its own that is allowed. */
function plantsOf(where: string, specifier: string): Record<string, string> {
  const file =
    "/** Planted. */\nimport type { Family } from '../model/family.ts'; // allowed\nexport const planted = 'x';\n";
  const text = PLANTS[where]!.replace('FILE', () => file).replaceAll('SPECIFIER', specifier);
  return Object.fromEntries(ROOMS.map((room) => [`lib/${room}/planted.ts`, text]));
}

test('importFaults() finds nothing in a copy of lib as it is', (t) => {
  const folder = temporaryFolder(t);
  cpSync(join(packageRoot(), 'lib'), join(folder, 'lib'), { recursive: true });
  assert.deepEqual(importFaults(readLibFiles(folder)), []);
});

test('importFaults() finds a module of Node in every core room, wherever and however it is imported', (t) => {
  const folder = temporaryFolder(t);
  for (const where of Object.keys(PLANTS)) {
    const expected = ROOMS.map((room) => `lib/${room}/planted.ts must not import node:fs`).sort();
    assert.deepEqual(faultsWith(folder, plantsOf(where, 'node:fs')), expected, where);
  }
});

test('importFaults() finds a room that must not be imported, wherever and however that is done', (t) => {
  const folder = temporaryFolder(t);
  for (const where of Object.keys(PLANTS)) {
    const faults = faultsWith(folder, plantsOf(where, '../finpilot/index.ts'));
    for (const room of ROOMS)
      assert.ok(faults.includes(`lib/${room}/planted.ts must not import lib/finpilot/index.ts`), `${where}: ${faults}`);
  }
});

test('importFaults() finds an import that is planted in any file of the core rooms, at its end', (t) => {
  const folder = temporaryFolder(t);
  for (const { path, text } of LIB.filter(({ path }) => ROOMS.includes(path.split('/')[1]!))) {
    assert.deepEqual(faultsWith(folder, { [path]: `${text}import 'node:fs'` }), [`${path} must not import node:fs`]);
  }
});

test('importFaults() finds every edge among the core rooms that does not lead to the model', (t) => {
  const folder = temporaryFolder(t);
  for (const from of ROOMS) {
    for (const to of ROOMS.filter((room) => room !== from && room !== 'model')) {
      const files = {
        [`lib/${from}/planted.ts`]: `import '../${to}/target.ts';\n`,
        [`lib/${to}/target.ts`]: 'export {};\n',
      };
      assert.deepEqual(faultsWith(folder, files), [`lib/${from}/planted.ts must not import lib/${to}/target.ts`]);
    }
  }
});

test('importFaults() finds what is loaded by a call, what is computed, a package, a file that is missing', (t) => {
  const folder = temporaryFolder(t);
  const faults: Readonly<Record<string, string>> = {
    "process.getBuiltinModule('node:fs');": 'lib/model/planted.ts must not import node:fs',
    "import('node:' + 'fs');": 'lib/model/planted.ts imports what nobody can tell: expected a literal',
    'const { getBuiltinModule } = process;': 'lib/model/planted.ts imports what nobody can tell: expected a literal',
    "import 'prom-client';": 'lib/model/planted.ts imports prom-client, which is no file of lib',
    "import 'fs';": 'lib/model/planted.ts imports fs, which is no file of lib',
    "export * from './missing.ts';": 'lib/model/planted.ts imports lib/model/missing.ts, which is no file of lib',
  };
  for (const [text, fault] of Object.entries(faults)) {
    const found = faultsWith(folder, { 'lib/model/planted.ts': text });
    assert.ok(found.includes(fault), `${text}: ${found}`);
  }
});

test('importFaults() finds a cycle, of types and dynamic imports too, and a file that imports itself', (t) => {
  const files = {
    'lib/server/a.ts': "import './b.ts';\n",
    'lib/server/b.ts': "// b\nconst c = await import('./deep/c.ts');\n",
    'lib/server/deep/c.ts': "import './d.ts'; // c\nimport type { A } from '../a.ts';",
    'lib/server/deep/d.ts': "import { self } from './d.ts';\n",
  };
  const expected = ['cycle: lib/server/a.ts, lib/server/b.ts, lib/server/deep/c.ts', 'cycle: lib/server/deep/d.ts'];
  assert.deepEqual(faultsWith(temporaryFolder(t), files), expected);
});

test('importFaults() finds a cycle with files that are there', (t) => {
  const path = 'lib/model/names.ts';
  const text = `${LIB.find((file) => file.path === path)!.text}// back\nexport * from '../metrics/counter.ts'`;
  const faults = faultsWith(temporaryFolder(t), { [path]: text });
  assert.ok(faults.includes(`${path} must not import lib/metrics/counter.ts`), `${faults}`);
  assert.ok(
    faults.some((fault) => /^cycle: .*lib\/metrics\/counter\.ts, .*lib\/model\/names\.ts/.test(fault)),
    `${faults}`,
  );
});

test('importFaults() finds a folder that the architecture does not know', (t) => {
  const faults = faultsWith(temporaryFolder(t), { 'lib/helpers/x.ts': '' });
  assert.deepEqual(faults, ['lib/helpers/x.ts is in a folder that the architecture does not know']);
});

test('importFaults() finds an exception that is not needed, and a value where only a type may be imported', (t) => {
  assert.deepEqual(
    importFaults([]).filter((fault) => !fault.includes('is not needed any more')),
    [],
  );
  const text = "import { MetricsRegistry } from '../registry/metrics-registry.ts';\n";
  const faults = faultsWith(temporaryFolder(t), { 'lib/metrics/planted.ts': text });
  assert.deepEqual(faults, ['lib/metrics/planted.ts must import lib/registry/metrics-registry.ts as a type']);
});
