import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageRoot } from './support/package-root.ts';

/** What work at import would leave behind in this process. */
function traces(): unknown {
  return {
    globals: Reflect.ownKeys(globalThis),
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
    resources: process
      .getActiveResourcesInfo()
      .filter((resource) => resource === 'Timeout' || resource === 'Immediate'),
  };
}

test('Importing the modules of lib, each of them, starts nothing and leaves nothing behind', async () => {
  const lib = fileURLToPath(new URL('../lib', import.meta.url));
  // This file's own ending tells which ones lie beside it: the sources, or what was compiled from them.
  const modules = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((path) => (import.meta.url.endsWith('.ts') ? path.endsWith('.ts') : path.endsWith('.js')))
    // The command of the package is a program: it is run, not imported.
    .filter((path) => !path.startsWith(join('cli', 'index.')))
    .sort();
  assert.ok(modules.includes('core.js') || modules.includes('core.ts'));
  // Loading this module of Node's own makes globals (24 does), and is not ours to answer for.
  await import('node:http');
  const before = traces();
  for (const path of modules) await import(pathToFileURL(join(lib, path)).href);
  assert.deepEqual(traces(), before);
  const { register } = await import('../lib/registry/register.ts');
  assert.equal(await register.metrics(), '\n');
});

test('The main entry, as it is published, imports no module of Node at once', () => {
  // Each would cost every program that starts up to a millisecond: `import` reads all that a module has.
  const files = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(
      /(?:^|[;}])(?:import|export)\b[^;()]*?from\s*"([^"]+)"/gm,
    )) {
      assert.match(path, /^\.\//, file);
      visit(join(dirname(file), path));
    }
  };
  visit(fileURLToPath(import.meta.resolve('@finpilot/metrics')));
  assert.ok([...files].some((file) => file.endsWith('shared.js')));
});

test('Entries that export the same name export the same thing, the main entry a Summary with defaults of its own', async () => {
  const found = new Map<string, { readonly entry: string; readonly value: unknown }>();
  const shared: string[] = [];
  for (const entry of publishedEntries()) {
    for (const [name, value] of Object.entries((await import(entry)) as Record<string, unknown>)) {
      if (name === 'default') continue; // each entry's own namespace
      const first = found.get(name);
      if (first === undefined) {
        found.set(name, { entry, value });
        continue;
      }
      if (name === 'Summary')
        assert.ok((first.value as typeof Function).prototype instanceof (value as typeof Function));
      else assert.equal(value, first.value, `${name} of ${first.entry} and of ${entry}`);
      shared.push(name);
    }
  }
  for (const name of ['Counter', 'Gauge', 'Histogram', 'Summary', 'Pushgateway', 'MetricsRegistry', 'register'])
    assert.ok(shared.includes(name), name);
});

/** The names by which programs import the entries of this package. */
function publishedEntries(): string[] {
  const { name, exports } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, unknown>>;
  };
  return Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => name + entry.slice(1));
}
