import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInTree, whyNoTrees } from '../../downstream/trees.ts';
import { type Comparison, compareOutcomes, type Difference, type Outcome } from './compare-outcomes.ts';
import { DEVIATIONS, OPEN } from './deviations.ts';
import { generatePrograms } from './generate-programs.ts';

// The same generated programs on prom-client 15.1.3, on its successor @prometheus-io/client 0.16.1 and on this library. Each
// difference must be a known deviation, and each deviation must be met. spec/docs/migrating.test.ts checks that each has a row in
// docs/migrating-from-prom-client.md.

const skip = whyNoTrees();
const deviations = [...DEVIATIONS, ...OPEN];
const programs = generatePrograms(15);
const [onPromClient, onSuccessor, onOurs] =
  skip === false
    ? [run('prom-client', 'prom-client'), run('prom-client', '@prometheus-io/client'), run('override', 'prom-client')]
    : [];
const comparison = skip === false ? compareWithPromClient() : undefined;

test('The main entry behaves like prom-client in generated programs, except for the known deviations', {
  skip,
}, (t) => {
  assert.ok(programs.length >= 1000, `${programs.length} programs`);
  t.diagnostic(summary(comparison!));
  assert.deepEqual(comparison!.unexplained.map(shown), []);
  // Many deviations must not hide that everything differs.
  assert.ok(comparison!.equal >= comparison!.programs / 2, summary(comparison!));
});

test('The main entry behaves like @prometheus-io/client or prom-client, except for the known deviations', {
  skip,
}, (t) => {
  const withSuccessor = compareOutcomes(programs, onSuccessor!, onOurs!, deviations, onPromClient);
  t.diagnostic(summary(withSuccessor));
  assert.deepEqual(withSuccessor.unexplained.map(shown), []);
});

test('Each known deviation from prom-client occurs in a generated program', { skip }, () => {
  assert.deepEqual(
    [...comparison!.met].filter(([, times]) => times === 0).map(([name]) => name),
    [],
  );
});

/** Without the programs that only its successor can run. */
function compareWithPromClient(): Comparison {
  const ofBoth = <T>(all: readonly T[]): T[] => all.filter((_, i) => programs[i]!.isForSuccessor !== true);
  return compareOutcomes(ofBoth(programs), ofBoth(onPromClient!), ofBoth(onOurs!), deviations);
}

function run(tree: 'prom-client' | 'override', module: string): Outcome[][] {
  const lines = JSON.stringify(programs.map((program) => program.lines));
  return runInTree(tree, 'run-programs.cjs', [module], lines) as Outcome[][];
}

function summary({ programs, equal, failures }: Comparison): string {
  return (
    `${programs} programs, ${equal} of them equal in every line; ${failures.all} lines failed on both, ` +
    `${failures.sameName} with an error of the same name, ${failures.sameMessage} with its message`
  );
}

/** A difference as a program that can be run, and the outcomes of its last line. */
function shown({ program, line, there, here }: Difference): string {
  const lines = program.lines.slice(0, program.lines.indexOf(line) + 1);
  return [program.about, ...lines, `there: ${JSON.stringify(there)}`, `here:  ${JSON.stringify(here)}`].join('\n');
}
