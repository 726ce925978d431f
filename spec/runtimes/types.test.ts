import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { copyPrograms, runTool, treeFolder, whyNoTree } from './trees.ts';

// The declarations, as npm installs them, compiled in each way that TypeScript has to find them. `skipLibCheck` is off, so the
// compiler reads all of them. What it writes is run: the declarations say what there is.

interface Compiler {
  readonly version: string;
  /** The package of the tree. */
  readonly name: string;
  readonly modes: readonly (readonly [module: string, moduleResolution: string])[];
}

const NODE_16 = ['node16', 'node16'] as const;
const NODE_NEXT = ['nodenext', 'nodenext'] as const;
const BUNDLER = ['esnext', 'bundler'] as const;
const NODE_10 = ['commonjs', 'node10'] as const;

/** The oldest that is supported, the last that has node10, and the newest. In 5.4, nodenext is still the same as node16. */
const COMPILERS: readonly Compiler[] = [
  { version: '5.4', name: 'typescript-5.4', modes: [NODE_16, BUNDLER, NODE_10] },
  { version: '6.0', name: 'typescript-6', modes: [NODE_10] },
  { version: '7.0', name: 'typescript', modes: [NODE_16, NODE_NEXT, BUNDLER] },
];

const skip = whyNoTree('types');
const folder = join(treeFolder('types'), 'programs', 'types');

before(() => {
  if (skip === false) copyPrograms('types', 'types');
});

/** Compiles `files` of the programs and returns where it wrote the output. Fails with the compiler's messages. */
function compile({ name }: Compiler, work: string, files: readonly string[], compilerOptions: object): string {
  const project = join(folder, work);
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project);
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      files: files.map((file) => join('..', file)),
      compilerOptions: {
        target: 'es2022',
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        types: [],
        rootDir: '..',
        outDir: 'out',
        ...compilerOptions,
      },
    }),
  );
  const { status, stdout, stderr } = runTool('types', `${name}/bin/tsc`, ['-p', project]);
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
  return join(project, 'out');
}

/** Runs what was compiled and returns the lines that it printed. */
function outputOf(file: string): string {
  const { stdout, stderr } = runProgram(process.execPath, [file], folder);
  assert.equal(stderr, '');
  return stdout;
}

const EXPECTED = `${JSON.stringify({ isSame: true, families: 3, problems: 0, value: 1 })}\n`;

for (const compiler of COMPILERS) {
  const { version, name, modes } = compiler;

  for (const [module, moduleResolution] of modes) {
    test(`TypeScript ${version} compiles programs with all entries by the resolution of ${moduleResolution}`, {
      skip,
    }, () => {
      const options = {
        module,
        moduleResolution,
        types: ['node'],
        esModuleInterop: true,
        ...(version === '6.0' && { ignoreDeprecations: '6.0' }),
      };
      const work = `${name}-${moduleResolution}`;
      // The same source as an ES module and as CommonJS, if the kind of a module is told by its ending.
      const endings = moduleResolution.startsWith('node') && module !== 'commonjs' ? ['mts', 'cts'] : ['ts'];
      for (const ending of endings.filter((ending) => ending !== 'ts'))
        cpSync(join(folder, 'entries.ts'), join(folder, `entries.${ending}`));
      const hasRequire = module !== 'esnext';
      // Modules of both kinds, and one that takes the library in both ways.
      const mixed = [...(hasRequire ? ['required.cts'] : []), ...(endings.includes('mts') ? ['both.mts'] : [])];
      const files = [...endings.map((ending) => `entries.${ending}`), ...mixed];
      const output = compile(compiler, work, files, options);
      if (!hasRequire) return; // for a bundler
      for (const ending of endings)
        assert.equal(outputOf(join(output, `entries.${ending.replace('ts', 'js')}`)), EXPECTED);
      for (const file of mixed) assert.equal(outputOf(join(output, file.replace('ts', 'js'))), 'true\n', file);
    });
  }

  test(`TypeScript ${version} compiles programs with the core without @types/node`, { skip }, () => {
    const options = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022'] };
    compile(compiler, `${name}-core`, ['core.ts'], options);
  });
}

test('publint finds nothing to say about the package', { skip }, () => {
  const { status, stdout } = runTool('types', 'publint/src/cli.js', ['--strict', join('..', 'finpilot-metrics.tgz')]);
  assert.match(stdout, /All good!/);
  assert.equal(status, 0, stdout);
});

test('arethetypeswrong finds no problem of the package, in any mode of resolution', { skip }, () => {
  const { stdout } = runTool('types', '@arethetypeswrong/cli/dist/index.js', [
    join('..', 'finpilot-metrics.tgz'),
    '--format=json',
  ]);
  const { analysis } = JSON.parse(stdout) as {
    readonly analysis: { readonly problems: readonly object[]; readonly entrypoints: Readonly<Record<string, object>> };
  };
  assert.deepEqual(analysis.problems, []);
  const { exports } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly exports: object;
  };
  assert.equal(Object.keys(analysis.entrypoints).length, Object.keys(exports).length);
});
