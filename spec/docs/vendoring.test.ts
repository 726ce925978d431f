import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { whyNoTypeScript } from '../support/why-no-typescript.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

interface Block {
  readonly language: string;
  readonly text: string;
}

const root = packageRoot();
const compiled = join(root, 'dist', 'lib');
const ifBuilt = { skip: whyNotBuilt() };
const SOURCES_HEADING = '\n## The TypeScript sources\n';
const page = readFileSync(join(root, 'docs', 'vendoring.md'), 'utf8').split(SOURCES_HEADING);

/** Does what a part of the page says, from top to bottom, in a folder that holds a checkout and `app` beside it. */
function follow(t: TestContext, text: string | undefined): string[] {
  assert.ok(text, `docs/vendoring.md has the heading${SOURCES_HEADING}`);
  const folder = temporaryFolder(t);
  const checkout = join(folder, 'metrics');
  const app = join(folder, 'app');
  for (const made of [checkout, app]) mkdirSync(made);
  symlinkSync(join(root, 'lib'), join(checkout, 'lib'), 'junction');
  copyFileSync(join(root, 'LICENSE'), join(checkout, 'LICENSE'));
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');

  let printed = '';
  const followed: string[] = [];
  for (const block of blocksOf(text)) {
    if (block.language === 'sh') for (const line of block.text.trim().split('\n')) runCommand(line, checkout);
    else if (block.text.startsWith('// app/worker.mts')) checkTypes(block.text, app);
    else if (block.language === 'js' || block.language === 'ts') printed = runExample(block.text, app);
    else if (block.language === 'text') assert.equal(withoutBlankLines(printed), block.text);
    else if (block.language === 'json') installDependency(block.text, app);
    else if (block.language !== 'diff')
      assert.fail(`docs/vendoring.md has a block in ${block.language}, which this spec cannot run`);
    followed.push(block.language);
  }
  return followed;
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', body = '']) => ({
    language,
    text: body,
  }));
}

/** A command of the page; `npm run vendor` without its build, which would remove the files that this spec runs from. */
function runCommand(line: string, folder: string): void {
  const source = line.includes('--check') ? '' : `--from "${compiled}"`;
  const command = line.replace(
    'npm run vendor --',
    `"${process.execPath}" "${join(root, '.ci', 'vendor.mjs')}" ${source}`,
  );
  const { status, stderr } = runProgram('sh', ['-c', command], folder);
  assert.equal(status, 0, `${line}: ${stderr}`);
}

/** Runs a program of the page under the name in its first line, such as `// app/scan.mjs`. */
function runExample(text: string, app: string): string {
  const [, path] = /^\/\/ (app\/\S+)\n/.exec(text) ?? [];
  assert.ok(path, `An example names its file in its first line: ${text}`);
  writeFileSync(join(app, basename(path)), text);
  const { status, stdout, stderr } = runProgram(process.execPath, [basename(path)], app);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Compiles a program of the page strictly, without the types of Node. */
function checkTypes(text: string, app: string): void {
  writeFileSync(join(app, 'worker.mts'), text);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', 'false', '--types', ''];
  const { status, stdout } = runProgram(process.execPath, [compiler, ...options, 'worker.mts'], app);
  assert.equal(status, 0, stdout);
}

/** Installs the dependency of the page, without a network, and imports it by its name. */
function installDependency(packageJson: string, app: string): void {
  writeFileSync(join(app, 'package.json'), JSON.stringify({ type: 'module', ...(JSON.parse(packageJson) as object) }));
  const install = ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status, stderr } = runProgram('npm', install, app);
  assert.equal(status, 0, stderr);
  const program = `// app/by-name.js\nimport { Counter } from '@finpilot/metrics';\nconsole.log(typeof Counter);`;
  assert.equal(runExample(program, app), 'function\n');
}

// The page leaves out the blank lines between families and at the end.
function withoutBlankLines(text: string): string {
  return text.replace(/\n+/g, '\n');
}

test('docs/vendoring.md: the commands and programs on the compiled library do what it says', ifBuilt, (t) => {
  assert.deepEqual(follow(t, page[0]), ['sh', 'js', 'text', 'js', 'text', 'json', 'sh', 'ts', 'sh', 'sh', 'diff']);
});

const ifTypeScript = { skip: process.platform === 'win32' ? 'cp -r is not there' : whyNoTypeScript() };

test('docs/vendoring.md: the commands and the program on the sources do what it says', ifTypeScript, (t) => {
  assert.deepEqual(follow(t, page[1]), ['sh', 'ts', 'text']);
});
