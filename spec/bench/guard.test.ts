import assert from 'node:assert/strict';
import { test } from 'node:test';
import { casesNamed } from '../../bench/cases/all.ts';
import { changeBetween } from '../../bench/change.ts';
import { readingOf } from '../../bench/reading.ts';
import { withSection } from '../../bench/report/document.ts';
import { budgetFor, judge, judgeBeside, strayNames, timeBudgetFor } from '../../bench/verdict.ts';
import { tableOf } from '../../lib/cli/table.ts';

/** Returns the canned figures one after the other, and counts how many were asked for. */
function canned(...figures: readonly number[]) {
  let asked = 0;
  const measure = (): number => figures[asked++] ?? assert.fail('measured once too often');
  return { measure, asked: () => asked };
}

test('judge() holds a figure within its budget after one measurement', () => {
  const { measure, asked } = canned(2.1);
  assert.deepEqual(judge('held child inc()', 2.5, measure), {
    name: 'held child inc()',
    measured: 2.1,
    budget: 2.5,
    isHeld: true,
  });
  assert.equal(asked(), 1);
});

test('judge() measures a breach again and forgives noise', () => {
  const { measure, asked } = canned(9, 2.4);
  assert.equal(judge('held child inc()', 2.5, measure).isHeld, true);
  assert.equal(asked(), 2);
});

test('judge() breaks a figure that exceeds its budget three times, and reports the best attempt', () => {
  const { measure, asked } = canned(9, 8, 10);
  const verdict = judge('held child inc()', 2.5, measure);
  assert.deepEqual([verdict.isHeld, verdict.measured, asked()], [false, 8, 3]);
});

test('judge() holds nothing allocated to a budget of 0, and not one byte', () => {
  assert.equal(judge('allocated by held child inc()', 0, canned(0).measure).isHeld, true);
  assert.equal(judge('allocated by held child inc()', 0, canned(16, 16, 16).measure).isHeld, false);
});

test('judge() does not hold a figure that has no budget, nor one that could not be measured', () => {
  assert.equal(judge('new case', undefined, canned(1).measure).isHeld, false);
  assert.equal(judge('no floor', 3, canned(NaN, NaN, NaN).measure).isHeld, false);
});

test('budgetFor() stays within 30 % of what was measured, and allows nothing where nothing was measured', () => {
  for (const measured of [0.0123, 1.999, 47.3, 12_345]) {
    const budget = budgetFor(measured);
    assert.ok(budget > measured && budget <= measured * 1.3, `${measured} got ${budget}`);
  }
  assert.equal(budgetFor(0), 0);
});

test('timeBudgetFor() never promises less than the floor', () => {
  assert.equal(timeBudgetFor(0.26), 1);
  assert.equal(timeBudgetFor(2), 2.5);
});

test('strayNames() finds the budgets that no case measures any more', () => {
  const budget = { reference: 'any', timesFloor: { kept: 1, renamed: 2 }, sizes: { gone: 3 } };
  assert.deepEqual(strayNames(budget, ['kept']), ['renamed', 'gone']);
});

test('readingOf() takes the median of the processes, and each ratio against the floor of the same process', () => {
  const fast = { rounds: [2, 2, 8], floorRounds: [1, 1, 9] };
  const slow = { rounds: [8, 8, 8], floorRounds: [4, 4, 4] };
  assert.deepEqual(readingOf([fast, slow, slow]), { median: 8, spread: { min: 2, max: 8 }, timesFloor: 2 });
  assert.deepEqual(readingOf([fast]).spread, { min: 2, max: 8 });
  assert.equal(readingOf([{ rounds: [1] }]).timesFloor, undefined);
});

test('changeBetween() counts a change only beyond 5 % and outside the spread', () => {
  const before = { median: 100, spread: { min: 98, max: 102 }, timesFloor: undefined };
  const reading = (median: number, reach: number) => ({
    median,
    spread: { min: median - reach, max: median + reach },
    timesFloor: undefined,
  });
  assert.equal(changeBetween(before, reading(120, 2)).verdict, 'worse');
  assert.equal(changeBetween(before, reading(80, 2)).verdict, 'better');
  assert.equal(changeBetween(before, reading(104, 1)).verdict, 'no change');
  assert.equal(changeBetween(before, reading(120, 30)).verdict, 'no change');
});

test('withSection() renews what stands between the markers and leaves the rest alone', () => {
  const document = 'Before.\n\n<!-- table -->\nold\n<!-- end of table -->\n\nAfter.\n';
  const renewed = 'Before.\n\n<!-- table -->\nnew\n<!-- end of table -->\n\nAfter.\n';
  assert.equal(withSection(document, 'table', 'new'), renewed);
  assert.equal(withSection('Before.\n', 'table', 'new'), 'Before.\n\n<!-- table -->\nnew\n<!-- end of table -->\n');
});

test('tableOf() writes a column without content', () => {
  assert.equal(
    tableOf([
      ['case', ''],
      ['inc()', ''],
    ]),
    '| case  |    |\n| ----- | -: |\n| inc() |    |',
  );
});

test('casesNamed() finds cases by a part of a name, and none to be written in the place of all', () => {
  assert.ok(casesNamed('gauge.set').every(({ figures }) => figures.some(({ name }) => name.includes('gauge.set'))));
  assert.ok(casesNamed(undefined, true).length > casesNamed('gauge.set').length);
  assert.throws(() => casesNamed('gauge.set', true), RangeError);
  assert.throws(() => casesNamed('no such case'), RangeError);
});

test('judgeBeside() forgives a quarter more than the reference took, on whatever machine', () => {
  const reading = (median: number) => ({ median, spread: { min: median, max: median }, timesFloor: 9 });
  const beside = (before: number, after: number) => judgeBeside({ before: reading(before), after: reading(after) });
  assert.deepEqual(beside(8, 9), { timesReference: 1.125, isHeld: true });
  assert.deepEqual(beside(8, 10.4), { timesReference: 1.3, isHeld: false });
  assert.equal(beside(8, NaN).isHeld, false);
});
