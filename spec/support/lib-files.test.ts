import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from './files-below.ts';
import { COMPUTED, importsOf, readLibFiles } from './lib-files.ts';
import { packageRoot } from './package-root.ts';
import { runProgram } from './run-program.ts';
import { whyNotBuilt } from './why-not-built.ts';

const specifiersOf = (text: string): string[] => importsOf(text).map(({ specifier }) => specifier);

test('importsOf() finds every form of import, over several lines, with comments between', () => {
  const text = `#!/usr/bin/env node
import a from 'a';import { from } from 'from'
import {
  b, // with a comment's "quote
  type C,
} from "./b.ts";
import type { D } from '../d.ts';
import type from 'type';
import 'e'
export { f } from './f.ts';
export * from './g.ts';
export * as space from './space.ts' with { type: 'json' };
export type { H } from './h.ts';
export type * from './i.ts';
import { 'no import' as j } from /* 'x' */ './j.ts'; // from 'y'
const k = await import('k'), l = [...import("l"), import(\`m\`, { with: {} }), import(/* why */ 'n')];
let o: typeof import('o') | import('p').Q;
import q = require('q');
process.getBuiltinModule('r');
\`import 's' \${await import('t')} \${\`\${{ u: import('u') }.u}\`}\`;
const v = process.getBuiltinModule, w = process?.getBuiltinModule?.('w');
import(\`x\${1}\`), import('y' + z), import.defer('a-b');
`;
  const expected =
    'a from ./b.ts ../d.ts type e ./f.ts ./g.ts ./space.ts ./h.ts ./i.ts ./j.ts k l m n o p q r t u'.split(' ');
  assert.deepEqual(specifiersOf(text), [...expected, COMPUTED, COMPUTED, COMPUTED, COMPUTED, 'a-b']);
  assert.deepEqual(
    importsOf(text)
      .filter(({ isType }) => isType)
      .map(({ specifier }) => specifier),
    ['../d.ts', './h.ts', './i.ts'],
  );
});

test('importsOf() takes nothing in a comment, string, template or regular expression for an import', () => {
  const text = `// import a from 'a';
/* import b from 'b'; */ /** import('c') */
/* // */ const d = "import 'd'", e = 'import("e") \\' import(\\'e\\')', f = \`import 'f'; \${1} import('f')\`;
const from = 'no import', re = [/import 'g'/, /[/'"]import\\('h'\\)/];
export const word = 'from "nowhere"'; export { word as i };
'from'; object.import('j'); object.require('k'); const l = { import: 'l', export: { from: 'l' } };
import.meta.url; export default 'm'; export type n = { from: 'n' }; export = from;
`;
  assert.deepEqual(specifiersOf(text), []);
});

// Each is followed by an import, which only those find that know where it ends.
const ENDINGS = [
  '// a comment',
  "// it's",
  '// `',
  '// /*',
  '/* // */',
  '/* ` */',
  "/** ' */",
  "'//'",
  '"/*"',
  "'\\\\'",
  '"\\""',
  "'`'",
  '`//`',
  '`/*`',
  "`'`",
  '`\\``',
  '`${`//`}`',
  '`${"}"}`',
  '`a${{}}/*`',
  '`$`',
  '`${/`/}`',
  '/"/',
  "/[/'/]/",
  '/\\//',
  '/[\\]"]/',
  '(/`/.test(a))',
  'a / b; c / d',
  'a / `/`',
  'a[1] / 2 / "/"',
  'f() / "/" / 1',
  'if (a) /"/.test(b)',
  'while (f(a)) /`/u.exec(b)',
  'return /"/',
  'typeof /`/',
  'a.return / 2 / "\\""',
  'a++ / 2 / "/"',
  'a! / 2 / "/"',
  '!/"/.test(a)',
  '=> /"/',
  '{} /"/.test(a)',
  '1 / 2 / "/"',
  '0x1 / .5e-1 / "/"',
  'a ?? /"/',
  '<T>(/"/)',
  '@a(/"/) class A {}',
  'é / 2 / "/"',
  "#a / 2 / '/'",
];

test('importsOf() finds an import after whatever ends before it', () => {
  const missed = ENDINGS.filter((ending) => {
    const found = specifiersOf(`${ending}\nimport x from 'x';\n${ending}\r\nawait import('y') // ${ending}`);
    return found.join() !== 'x,y';
  });
  assert.deepEqual(missed, []);
});

test('importsOf() throws on a string, template, comment or bracket that is not closed', () => {
  for (const text of ["import 'a", '"\n"', '`', '`${', '`${`}`', '/*', '(', '{]', ')', '`${)}`']) {
    assert.throws(() => importsOf(`import 'b';\n${text}`), { name: 'SyntaxError', message: /line 2|line 3/ }, text);
  }
});

test('importsOf() finds in the built files what the engine finds', { skip: whyNotBuilt() }, () => {
  const folder = join(packageRoot(), 'dist', 'lib');
  const paths = filesBelow(folder).filter((path) => path.endsWith('.js'));
  const program = `
    const { readFileSync } = await import('node:fs');
    const { SourceTextModule } = await import('node:vm');
    console.log(JSON.stringify(process.argv.slice(1).map((path) => {
      const module = new SourceTextModule(readFileSync(path, 'utf8'));
      return module.moduleRequests?.map(({ specifier }) => specifier) ?? module.dependencySpecifiers;
    })));`;
  const flags = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    program,
  ];
  const { stdout, stderr } = runProgram(
    process.execPath,
    [...flags, ...paths.map((path) => join(folder, path))],
    packageRoot(),
  );
  assert.equal(stderr, '');
  const ofEngine = JSON.parse(stdout) as string[][];
  for (const [i, path] of paths.entries()) {
    // The engine does not tell of dynamic ones, so those are taken out of ours; the built code has them as calls alone.
    const code = readFileSync(join(folder, path), 'utf8');
    const dynamic = [...code.matchAll(/(?:\bawait |\W)(?:import|getBuiltinModule)\('([^']+)'\)/g)].map(
      ([, specifier]) => specifier!,
    );
    const ours = new Set(specifiersOf(code).filter((specifier) => specifier !== COMPUTED));
    for (const specifier of ofEngine[i]!) assert.ok(ours.has(specifier), `${path} imports ${specifier}`);
    for (const specifier of ours)
      assert.ok(
        ofEngine[i]!.includes(specifier) || dynamic.includes(specifier),
        `${path} does not import ${specifier}`,
      );
  }
});

test('readLibFiles() reads what is loaded apart from types', () => {
  const file = readLibFiles().find(({ path }) => path === 'lib/core.ts')!;
  assert.ok(file.loads.length > 0 && file.loads.length < file.imports.length);
  assert.ok(file.loads.every((path) => file.imports.includes(path)));
});
