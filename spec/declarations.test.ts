import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

const root = packageRoot();
const bundle = join(root, 'dist', 'bundle');
const ifBuilt = { skip: whyNotBuilt() };

/** The files that a declaration file reaches, itself included. */
function reachedFrom(name: string): Set<string> {
  const reached = new Set([name]);
  for (const file of reached) {
    const text = readFileSync(join(bundle, file), 'utf8');
    for (const [, next = '', kind = ''] of text.matchAll(/from '\.\/([\w-]+)\.(c?)js'/g))
      reached.add(`${next}.d.${kind}ts`);
  }
  return reached;
}

test('The published declarations keep doc comments and have lines that people can read', ifBuilt, () => {
  const files = readdirSync(bundle).filter((name) => /\.d\.c?ts$/.test(name));
  assert.ok(files.length >= 16);
  const text = files.map((name) => readFileSync(join(bundle, name), 'utf8')).join('\n');
  assert.match(text, /\*\/\ndeclare class MetricsServer /);
  assert.match(text, /\*\/\n {2}observe\(/);
  for (const line of text.split('\n').filter((line) => /^\s*(?:import|export)\b/.test(line)))
    assert.ok(line.length <= 120, line);
});

test('The declarations of the core need no @types/node', ifBuilt, (t) => {
  const reached = [...reachedFrom('core.d.ts')].sort();
  assert.deepEqual(reached, ['core.d.cts', 'core.d.ts', 'shared.d.cts']);
  const folder = mkdtempSync(join(tmpdir(), 'finpilot-metrics-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of reached) writeFileSync(join(folder, name), readFileSync(join(bundle, name)));
  writeFileSync(
    join(folder, 'app.ts'),
    `import { Counter, register } from './core.js';
    new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] }).inc({ side: 'buy' });
    const text: Promise<string> = register.metrics();
    console.log(text);`,
  );
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'esnext', '--target', 'es2022'];
  const { stdout } = runProgram(process.execPath, [compiler, ...options, '--types', '', 'app.ts'], folder);
  assert.equal(stdout, '');
});

test(
  'One class has one declaration, so that the entries, and modules of both kinds, accept each other’s objects',
  ifBuilt,
  () => {
    const declared = readdirSync(bundle)
      .filter((name) => /\.d\.c?ts$/.test(name))
      .flatMap((name) => [...readFileSync(join(bundle, name), 'utf8').matchAll(/^declare class (\w+)/gm)])
      .map(([, name = '']) => name);
    assert.deepEqual(declared, [...new Set(declared)]);
    assert.ok(declared.includes('MetricsRegistry'));
  },
);

test('The declarations of ES modules declare their default export, and pass on those of CommonJS', ifBuilt, () => {
  for (const name of readdirSync(bundle).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(bundle, name), 'utf8');
    assert.ok(text.includes(`export * from './${name.replace('.d.ts', '.cjs')}';\n`), name);
    const declared = [...text.matchAll(/^(?:export )?(?:declare|type|interface) .*$/gm)].map(([line]) => line);
    assert.deepEqual(declared, ['main.d.ts', 'index.d.ts'].includes(name) ? [] : ['declare const _default: {'], name);
  }
});
