import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { branchOf, Child, LabelBranch, LabelTree } from '../../lib/metrics/child.ts';
import { DepartedChildren } from '../../lib/metrics/departed-children.ts';

class CountingChild extends Child {
  updates = 0;

  reset(): void {
    this.updates = 0;
  }

  get isUpdated(): boolean {
    return this.updates > 0;
  }

  giveTo(): boolean {
    return false;
  }
}

/** Weak references whose targets a test can drop, and how many were created and read. */
interface References {
  created: number;
  read: number;
  readonly dropped: WeakSet<object>;
}

const { WeakRef: RealReference } = globalThis;

function countReferences(t: TestContext): References {
  const counts: References = { created: 0, read: 0, dropped: new WeakSet() };
  class CountedReference {
    readonly #target: object;

    constructor(target: object) {
      counts.created++;
      this.#target = target;
    }

    deref(): object | undefined {
      counts.read++;
      return counts.dropped.has(this.#target) ? undefined : this.#target;
    }
  }
  Object.assign(globalThis, { WeakRef: CountedReference });
  t.after(() => Object.assign(globalThis, { WeakRef: RealReference }));
  return counts;
}

/** Children of a metric with two labels: the first in groups of ten. */
function createChildren(count: number, first = 'a'): CountingChild[] {
  const root = new LabelBranch(new LabelTree('x', (child) => child, false, undefined), '');
  return Array.from({ length: count }, (_, i) => {
    const values = [`${first}${Math.floor(i / 10)}`, `b${i}`];
    return new CountingChild(branchOf(root, values), values[1]);
  });
}

function companionsOf(child: CountingChild): readonly Child[] {
  return child.departure!.companions;
}

/** The garbage collector takes a child, and with it its companions. */
function drop(references: References, children: readonly CountingChild[]): void {
  for (const child of children) references.dropped.add(companionsOf(child));
}

const jobEnds = (): Promise<void> => Promise.resolve();

test('DepartedChildren.add() creates the references of a job together, when it ends or somebody looks', async (t) => {
  const references = countReferences(t);
  const departed = new DepartedChildren<CountingChild>();
  assert.equal(departed.isEmpty, true);
  const children = createChildren(3);
  for (const child of children) departed.add(child);
  assert.equal(departed.isEmpty, false);
  assert.equal(references.created, 0);
  assert.deepEqual(companionsOf(children[0]!), children, 'while they wait');
  await jobEnds();
  assert.equal(references.created, 3);
  assert.deepEqual(
    children.map((child) => companionsOf(child)),
    children.map((child) => [child]),
  );
  assert.equal(departed.isEmpty, false);

  const [later] = createChildren(1, 'later');
  departed.add(later!);
  assert.equal(departed.find(['later0', 'b0']), later);
  assert.equal(references.created, 4);
  await jobEnds();
  assert.equal(references.created, 4);

  const [last] = createChildren(1, 'last');
  departed.add(last!);
  last!.updates++;
  assert.deepEqual(departed.updated(), [last]);
  const [before, after] = [createChildren(1, 'before'), createChildren(1, 'after')];
  departed.add(before[0]!);
  departed.addAll(after);
  assert.equal(references.created, 7);
});

test('DepartedChildren.addAll() has at most 4,096 references for one call, each to neighbours', (t) => {
  for (const [count, perReference] of [
    [4096, 1],
    [4097, 2],
    [8192, 2],
    [10_000, 3],
  ] as const) {
    const references = countReferences(t);
    const children = createChildren(count);
    const departed = new DepartedChildren<CountingChild>();
    departed.addAll(children);
    assert.equal(references.created, Math.ceil(count / perReference));
    assert.deepEqual(companionsOf(children[0]!), children.slice(0, perReference));
    // Neighbours below one branch share what leads to it.
    const isShared = children[0]!.departure === children[1]!.departure;
    assert.equal(isShared, perReference > 1);
    assert.equal(children.at(-1)!.parent.value, `a${Math.floor((count - 1) / 10)}`);
  }
});

test('DepartedChildren.find() finds each child by its labels, and none that is attached again or dropped', (t) => {
  const references = countReferences(t);
  const departed = new DepartedChildren<CountingChild>();
  assert.equal(departed.find(['a0', 'b0']), undefined);
  const children = createChildren(10_000);
  departed.addAll(children);
  const find = (i: number): CountingChild | undefined => departed.find([`a${Math.floor(i / 10)}`, `b${i}`]);
  for (const i of [0, 1, 2, 3, 5000, 9999]) assert.equal(find(i), children[i], `${i}`);
  assert.equal(departed.find(['a0', 'b10']), undefined);
  children[1]!.arrive(children[1]!.parent);
  assert.equal(find(1), undefined);
  assert.equal(find(0), children[0]);
  drop(references, [children[5000]!]);
  assert.equal(find(5000), undefined);
  departed.updated();
  assert.equal(find(5000), undefined);
  assert.equal(find(1), undefined);
  assert.equal(find(0), children[0]);
  departed.add(children[1]!);
  assert.equal(find(1), children[1], 'departed a second time');

  const dropped = new DepartedChildren<CountingChild>();
  const few = createChildren(2, 'few');
  dropped.addAll(few);
  drop(references, few.slice(0, 1));
  assert.equal(dropped.find(['few0', 'b1']), few[1]);
  assert.equal(dropped.find(['few0', 'b0']), undefined);
});

test('DepartedChildren.updated() returns the updated ones until they are attached; reset() resets them', () => {
  const departed = new DepartedChildren<CountingChild>();
  assert.deepEqual(departed.updated(), []);
  const children = createChildren(6000);
  departed.addAll(children);
  for (const i of [0, 1, 17]) children[i]!.updates = 1;
  assert.deepEqual(departed.updated(), [children[0], children[1], children[17]]);
  for (const i of [0, 3]) children[i]!.arrive(children[i]!.parent);
  assert.deepEqual(departed.updated(), [children[1], children[17]]);
  // The attached ones are not kept by their former companions.
  assert.deepEqual(companionsOf(children[1]!), [children[1]]);
  assert.deepEqual(companionsOf(children[2]!), [children[2]]);
  departed.reset();
  assert.deepEqual([children[0]!.updates, children[1]!.updates, children[17]!.updates], [1, 0, 0]);
  assert.deepEqual(departed.updated(), []);
  for (const child of children) child.arrive(child.parent);
  departed.updated();
  assert.equal(departed.isEmpty, true);
});

test('DepartedChildren forgets what was dropped: when somebody reads, and once there is twice as much as was left', async (t) => {
  const references = countReferences(t);
  const departed = new DepartedChildren<CountingChild>();
  const readsOf = async (children: readonly CountingChild[]): Promise<number> => {
    const { read } = references;
    for (const child of children) departed.add(child);
    await jobEnds();
    return references.read - read;
  };
  const first = createChildren(64);
  assert.equal(await readsOf(first), 0);
  assert.equal(await readsOf(createChildren(1, 'one')), 65, 'more than 64');
  assert.equal(await readsOf(createChildren(65, 'as many')), 0, '130, twice as many as were left');
  assert.equal(await readsOf(createChildren(1, 'more')), 131);
  drop(references, first);
  departed.updated();
  const { read } = references;
  departed.updated();
  assert.equal(references.read - read, 131 - 64);
  assert.equal(await readsOf(createChildren(67, 'again')), 0, '134');
  assert.equal(await readsOf(createChildren(1, 'last')), 135);
  assert.equal(departed.find(['a0', 'b0']), undefined);
  assert.notEqual(departed.find(['again0', 'b0']), undefined);
});

test('DepartedChildren lets fewer children share a reference as they become fewer, and more as they become more', (t) => {
  const references = countReferences(t);
  const departed = new DepartedChildren<CountingChild>();
  const children = createChildren(8192);
  departed.addAll(children);
  assert.equal(references.created, 4096);
  departed.updated();
  assert.equal(references.created, 4096, 'nothing to change');
  drop(references, children.slice(0, 4090));
  departed.updated();
  assert.equal(references.created, 4096, '4,102 are left, which need to share');
  drop(references, children.slice(4090, 4096));
  departed.updated();
  assert.equal(references.created, 8192, 'each of the 4,096 that are left has its own');
  assert.deepEqual(companionsOf(children[5000]!), [children[5000]]);
  assert.equal(departed.find([`a${500}`, 'b5000']), children[5000]);
  const { read } = references;
  departed.updated();
  assert.equal(references.read - read, 4096, 'the former references are not read any more');

  departed.addAll(createChildren(4096, 'b'));
  departed.updated();
  assert.equal(references.created, 3 * 4096, '8,192 of one each are not too many');
  const [last] = createChildren(1, 'c');
  departed.addAll([last!]);
  departed.updated();
  assert.equal(references.created, 3 * 4096 + 1 + Math.ceil(8193 / 3), '8,193 are');
  assert.equal(companionsOf(children[5000]!).length, 3);
  assert.equal(departed.find(['c0', 'b0']), last);
});
