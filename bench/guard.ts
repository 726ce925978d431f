/**
 * `npm run bench:guard`: fails when a figure breaks its budget in `bench/budget.json`.
 *
 * A time that breaks it is measured again in turns with the reference revision, on this machine. It is broken if it takes a
 * quarter longer than there, or if the reference cannot measure it.
 *
 * `-- --slow-on-purpose` shows that it does fail; `-- --write` sets each budget a quarter above what is measured;
 * `-- --only TEXT` picks cases.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { medianOf } from '../lib/cli/measure.ts';
import { tableOf } from '../lib/cli/table.ts';
import type { Case, Figure, Measurement } from './case.ts';
import { casesNamed } from './cases/all.ts';
import { PROJECT_FOLDER } from './folders.ts';
import { measureInFreshProcess } from './fresh-process.ts';
import { OURS } from './library.ts';
import { readingOf } from './reading.ts';
import { Reference } from './reference.ts';
import { formatNumber } from './report/format.ts';
import { type Budget, budgetFor, judge, strayNames, timeBudgetFor, type Verdict } from './verdict.ts';

const BUDGET_FILE = `${PROJECT_FOLDER}/bench/budget.json`;

const { values } = parseArgs({
  options: { 'slow-on-purpose': { type: 'boolean' }, write: { type: 'boolean' }, only: { type: 'string' } },
});
const isSlowOnPurpose = values['slow-on-purpose'] === true;
const guarded = casesNamed(values.only, values.write).flatMap((measured) =>
  measured.figures.filter(({ isGuarded }) => isGuarded).map((figure) => ({ measured, figure })),
);
const processes = new Map<Case, Record<string, Measurement>[]>();
if (values.write === true) writeBudget();
else holdBudget();

function holdBudget(): void {
  const budget = JSON.parse(readFileSync(BUDGET_FILE, 'utf8')) as Budget;
  const budgets = { ...budget.timesFloor, ...budget.sizes };
  const reference = new Reference(budget.reference, isSlowOnPurpose);
  const rows = [['case', 'measured', 'budget', 'verdict']];
  const broken: string[] = [];
  try {
    for (const { measured, figure } of guarded) {
      let attempt = 0;
      const verdict = judge(figure.name, budgets[figure.name], () => measure(measured, figure, attempt++));
      const cells = [figure.name, withUnit(verdict.measured, figure), withUnit(verdict.budget, figure)];
      if (verdict.isHeld) rows.push([...cells, 'held']);
      else if (!isTime(figure) || verdict.budget === undefined) {
        rows.push([...cells, 'BROKEN']);
        broken.push(complaint(verdict, figure));
      } else {
        const { isHeld, title } = reference.judge(measured, figure);
        rows.push([...cells, `${isHeld ? 'held' : 'BROKEN'}, ${title}`]);
        if (!isHeld) broken.push(`${complaint(verdict, figure)}, ${title}`);
      }
    }
  } finally {
    reference.close();
  }
  console.log(tableOf(rows));
  for (const name of values.only === undefined
    ? strayNames(
        budget,
        guarded.map(({ figure }) => figure.name),
      )
    : []) {
    broken.push(`"${name}": in the budget, but no case measures it`);
  }
  if (broken.length === 0) return;
  console.error(`\nbench:guard: ${broken.length} broken\n${broken.map((line) => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
}

function writeBudget(): void {
  const { reference } = JSON.parse(readFileSync(BUDGET_FILE, 'utf8')) as Budget;
  const budget = { reference, timesFloor: {} as Record<string, number>, sizes: {} as Record<string, number> };
  for (const { measured, figure } of guarded) {
    // One process may have met a slow floor, which would make for a budget that nothing can hold.
    const value = medianOf(Array.from({ length: 5 }, (_, attempt) => measure(measured, figure, attempt)));
    if (isTime(figure)) budget.timesFloor[figure.name] = timeBudgetFor(value);
    else budget.sizes[figure.name] = budgetFor(value);
  }
  writeFileSync(BUDGET_FILE, `${JSON.stringify(budget, undefined, 2)}\n`);
}

/** Returns a figure as the guard holds it: a time as a multiple of its floor, a size as it is. */
function measure(measured: Case, figure: Figure, attempt: number): number {
  process.stderr.write(`${figure.name}\n`);
  const reading = readingOf([measurementsOf(measured, attempt)[figure.name]!]);
  return isTime(figure) ? (reading.timesFloor ?? NaN) : reading.median;
}

/** The measurement of a case in a separate process. All figures of the case share it, attempt by attempt. */
function measurementsOf(measured: Case, attempt: number): Record<string, Measurement> {
  const attempts = processes.get(measured) ?? [];
  processes.set(measured, attempts);
  return (attempts[attempt] ??= measureInFreshProcess(measured, OURS, { isSlowOnPurpose }));
}

function isTime({ unit }: Figure): boolean {
  return unit === 'ns' || unit === 'ms';
}

function withUnit(value: number | undefined, figure: Figure): string {
  return value === undefined ? 'none' : `${formatNumber(value)}${isTime(figure) ? 'x floor' : ` ${figure.unit}`}`;
}

function complaint({ name, measured, budget }: Verdict, figure: Figure): string {
  const remedy = budget === undefined ? ' (add it with npm run bench:guard -- --write)' : '';
  return `"${name}": measured ${withUnit(measured, figure)}, budget ${withUnit(budget, figure)}${remedy}`;
}
