import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processCpu } from '../../lib/collectors/process-cpu.ts';
import { valueOf } from './value-of.ts';

test('processCpu() shows user, system and total time of one reading, in seconds', () => {
  let readings = 0;
  const families = processCpu(() => (readings++, { user: 1_250_000, system: 250_000 })).collect();
  assert.deepEqual(
    families.map((family) => [family?.name, family?.type, family?.series]),
    [
      ['process_cpu_user_seconds_total', 'counter', [{ value: 1.25 }]],
      ['process_cpu_system_seconds_total', 'counter', [{ value: 0.25 }]],
      ['process_cpu_seconds_total', 'counter', [{ value: 1.5 }]],
    ],
  );
  assert.equal(readings, 1);
});

test('processCpu() never decreases', () => {
  const group = processCpu();
  let before = 0;
  for (let i = 0; i < 100; i++) {
    const now = valueOf(group, 'process_cpu_seconds_total')!;
    assert.ok(now >= before);
    before = now;
  }
  assert.ok(before > 0);
});
