import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileCleanup } from '../support/file-cleanup.ts';
import { filesBelow } from '../support/files-below.ts';
import { freePort } from '../support/free-port.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';
import { examplesOfSource } from './examples-of-source.ts';
import { type Program, programsOfPage } from './programs-of-page.ts';

// Every program that README.md and docs/*.md show is compiled by the compiler of the checkout, with its strict options,
// and run; what it prints must be what the page says. So are the examples of the doc comments in lib/. The programs of
// docs/vendoring.md and docs/frameworks.md need more than the package and have specs of their own.
//
// Pages push to a gateway on port 9091: a stand-in takes its place, which answers 200 to everything.
//
// Pages show port 8000. A program that has it in its text runs on a free port instead, and is ended after its last
// line. Any other program must end by itself: nothing of the library keeps a process alive.

/** Between what two parts of a program print. */
const SEPARATOR = '\u001e\n';
/** Packages that fragments import and the checkout does not have. */
const FOREIGN = ['@koa/router', 'express', 'fastify', 'koa', 'prom-client'];

const cleanup = fileCleanup();
const root = packageRoot();
const ifBuilt = { skip: whyNotBuilt() };
const docs = filesBelow(join(root, 'docs')).filter(
  (path) => /^[^/]+\.md$/.test(path) && path !== 'vendoring.md' && path !== 'frameworks.md',
);
const pages = ['README.md', ...docs.map((path) => `docs/${path}`)];
const programs = pages.flatMap((path) => programsOfPage(path, readFileSync(join(root, path), 'utf8')));
const sources = filesBelow(join(root, 'lib')).map((path) => `lib/${path}`);
const examples = sources.flatMap((path) => examplesOfSource(path, readFileSync(join(root, path), 'utf8')));
const runnable = [...programs, ...examples].filter(({ fragment }) => fragment === undefined);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'finpilot-metrics-')));
const written = join(folder, 'written');
const built = join(folder, 'built');
let compilerSays = '';
let port = 0;
let gateway = '';

before(async () => {
  if (ifBuilt.skip !== false) return;
  writePrograms([...programs, ...examples]);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  compilerSays = runProgram(process.execPath, [compiler, '-p', 'tsconfig.json'], folder).stdout;
  port = await freePort();
  gateway = await startGateway();
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('The TypeScript of the pages and doc comments compiles', ifBuilt, () => {
  // The names of the files say page and line: README-md-33.mts is in README.md, line 33.
  assert.equal(compilerSays, '');
});

for (const program of runnable) {
  test(`The program of ${program.place} runs, and prints what is said there`, ifBuilt, () => {
    const file = join(built, `${fileName(program)}.${extensionOf(program)}`);
    const isServing = textOf(program).includes('8000');
    const text = readFileSync(file, 'utf8').replaceAll('localhost:9091', gateway);
    writeFileSync(file, text);
    if (isServing) writeFileSync(file, `${text.replaceAll('8000', String(port))}\nprocess.exit();\n`);
    const { status, stdout, stderr } = runProgram(process.execPath, [file], folder);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    const printed = (isServing ? stdout.replaceAll(String(port), '8000') : stdout).split(SEPARATOR);
    for (const [i, part] of program.parts.entries()) {
      if (part.printed !== undefined) assertPrinted(printed[i]?.trim() ?? '', part.printed.trim());
    }
  });
}

/** A last line of `…` stands for whatever follows there. */
function assertPrinted(printed: string, expected: string): void {
  if (!expected.endsWith('\n…')) assert.equal(printed, expected);
  else assert.equal(printed.slice(0, expected.length - 1), expected.slice(0, -1));
}

test('The pages and doc comments are full of programs, few of which cannot be run', () => {
  assert.ok(programs.some(({ place }) => place.startsWith('README.md:')));
  assert.ok(programs.some(({ place }) => place.startsWith('docs/getting-started.md:')));
  assert.ok(examples.length >= 15);
  assert.ok(programs.length + examples.length - runnable.length <= 6);
});

/** Writes the programs into a folder that has the package as a dependency. */
function writePrograms(all: readonly Program[]): void {
  for (const made of [written, built]) mkdirSync(made);
  mkdirSync(join(folder, 'node_modules', '@finpilot'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', '@finpilot', 'metrics'), 'junction');
  symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'), 'junction');
  for (const program of all) {
    const text = program.parts.map(({ code }) => code).join(`process.stdout.write(${JSON.stringify(SEPARATOR)});\n`);
    if (program.language === 'ts') writeFileSync(join(written, `${fileName(program)}.mts`), text);
    else writeFileSync(join(built, `${fileName(program)}.${extensionOf(program)}`), text);
  }
  writeFileSync(join(written, 'foreign.d.ts'), FOREIGN.map((name) => `declare module '${name}';\n`).join(''));
  const ofPackage = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
  const ofPrograms = { rootDir: 'written', outDir: 'built', declaration: false, sourceMap: false };
  // An example may declare a thing to show how, and leave out what does not matter there.
  const relaxed = { noUnusedLocals: false, noUnusedParameters: false };
  const compilerOptions = { ...ofPackage.compilerOptions, ...ofPrograms, ...relaxed };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['written'] }));
}

function textOf({ parts }: Program): string {
  return parts.map(({ code }) => code).join('');
}

function extensionOf(program: Program): 'mjs' | 'cjs' {
  return program.language === 'js' && /\brequire\(/.test(textOf(program)) ? 'cjs' : 'mjs';
}

function fileName({ place }: Program): string {
  return place.replace(/\W+/g, '-');
}

/** Starts the stand-in of a Pushgateway in a process of its own, since running a program holds this one; returns its host. */
async function startGateway(): Promise<string> {
  const server = `require('node:http').createServer((request, response) => request.resume().on('end', () => response.end()))
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const program = new StartedProgram(cleanup, { program: process.execPath, args: ['--eval', server] });
  const gatewayPort = await until('the port of the gateway', () => {
    program.requireRunning();
    return /^\d+(?=\n)/.exec(program.output)?.[0];
  });
  return `127.0.0.1:${gatewayPort}`;
}
