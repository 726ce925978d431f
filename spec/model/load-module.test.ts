import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModule } from '../../lib/model/load-module.ts';

test('loadModule() returns the module', async () => {
  const module = { wanted: () => 1 };
  assert.equal(await loadModule(async () => module, 'wanted'), module);
});

test('loadModule() rejects with the error of a load that fails, and the next call loads again', async () => {
  const failure = new SyntaxError('Unexpected end of input');
  const module = { wanted: () => 1 };
  const attempts = [() => Promise.reject(failure), async () => module];
  const load = (): Promise<typeof module> => attempts.shift()!();
  await assert.rejects(loadModule(load, 'wanted'), (error) => error === failure);
  assert.equal(await loadModule(load, 'wanted'), module);
});

test('loadModule() tells that the files were replaced if it gets another module', async () => {
  // A bundle may hold several modules, of which another version has others.
  for (const other of [{}, { wanted: 1 }, { other() {} }, undefined]) {
    await assert.rejects(
      loadModule(async () => other as { wanted(): void }, 'wanted'),
      {
        message: 'Cannot load wanted(): the files of this package were replaced. Restart the program.',
      },
    );
  }
});
