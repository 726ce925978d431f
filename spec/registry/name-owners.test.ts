import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredNames, NameOwners } from '../../lib/registry/name-owners.ts';

const isFree = (owners: NameOwners, name: string): boolean => owners.clash({}, [name]) === undefined;

test('NameOwners.learn() frees the names that a collector returned before, but for those that it has declared', () => {
  const owners = new NameOwners();
  const collector = {};
  owners.claim(collector, 'collector "c"', ['a']);
  assert.deepEqual(owners.declaredBy(collector), ['a']);
  assert.deepEqual(owners.declaredBy({}), []);
  owners.learn(collector, ['a', 'b']);
  assert.deepEqual(
    ['a', 'b', 'd'].map((name) => isFree(owners, name)),
    [false, false, true],
  );
  owners.learn(collector, ['a', 'd']);
  assert.deepEqual(
    ['a', 'b', 'd'].map((name) => isFree(owners, name)),
    [false, true, false],
  );
  owners.learn(collector, ['a']);
  assert.deepEqual(
    ['a', 'b', 'd'].map((name) => isFree(owners, name)),
    [false, true, true],
  );
  owners.learn(collector, []);
  assert.equal(isFree(owners, 'a'), false);
});

test('NameOwners.learn() takes nothing for a collector that has been removed', () => {
  const owners = new NameOwners();
  const collector = {};
  for (const remove of [() => owners.release(collector), () => owners.clear()]) {
    owners.claim(collector, 'collector "c"', ['a']);
    remove();
    owners.learn(collector, ['a', 'b']);
    assert.deepEqual(
      ['a', 'b'].map((name) => isFree(owners, name)),
      [true, true],
    );
  }
});

test('declaredNames() says what it expects of each family', () => {
  for (const family of [undefined, null, {}, { name: 5 }]) {
    const declare = (): unknown =>
      declaredNames({ name: 'c', families: [family], collect: () => [] } as never, '', 'legacy');
    assert.throws(declare, /: expected .*, got /, String(family));
  }
  const declare = (): unknown => declaredNames({ name: 'c', families: 'x', collect: () => [] } as never, '', 'legacy');
  assert.throws(declare, /^TypeError: Cannot register collector "c": expected families as an array, got "x"/);
});
