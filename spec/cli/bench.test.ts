import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deadline } from '../support/deadline.ts';

const cli = fileURLToPath(new URL(`../../lib/cli/index${extname(import.meta.url)}`, import.meta.url));

function run(...args: string[]) {
  const options = { encoding: 'utf8', timeout: deadline(60) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'bench', ...args], options);
  return { status, stdout, stderr };
}

test('bench prints what each update and a scrape cost, beside a bare loop', () => {
  const { status, stdout, stderr } = run('--series', '1000');
  assert.deepEqual([status, stderr], [0, '']);
  const rows = stdout.split('\n').filter((line) => /^\| .*\d/.test(line));
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  assert.deepEqual(
    cells.map(([name]) => name).filter((name) => name !== 'scrape'),
    [
      'held counter child: inc()',
      'counter.labels(a, b).inc()',
      'counter.inc({ two labels })',
      'gauge.set(v)',
      'histogram.observe(v), 11 bounds',
      'held histogram child: observe(v)',
      'histogram.observe({ two labels }, v)',
      '1,000 counters, all changed',
      '1,000 counters, none changed',
    ],
  );
  for (const [name, ...figures] of cells) {
    for (const figure of figures) assert.ok(Number(figure) > 0, `${name}: ${figure}`);
  }
  // On any machine, a look-up by labels costs more than an update of a held child.
  const [held, byPosition] = cells.map(([, nanoseconds]) => Number(nanoseconds));
  assert.ok(held! < byPosition!, `${held}, ${byPosition}`);
});

test('bench refuses a number of series that it cannot measure, and arguments that it does not know', () => {
  for (const args of [
    ['--series', '0'],
    ['--series', '1e3'],
    ['--series', '1000001'],
    ['--series'],
    ['--rows', '1'],
    ['x'],
  ]) {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual([status, stdout], [2, '']);
    const expected = 'Cannot measure: expected --series N, a whole number from 1 to 1000000, or nothing';
    assert.equal(stderr, `${expected}, got ${args.join(' ')}.\n`);
  }
});
