import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge } from '../../lib/core.ts';
import { checkUnit } from '../../lib/model/names.ts';

test('checkUnit() takes a unit that the name ends with, a counter before _total', () => {
  checkUnit('', 'anything', 'gauge');
  checkUnit('seconds', 'scan_seconds', 'histogram');
  checkUnit('bytes', 'read_bytes_total', 'counter');
  checkUnit('bytes', 'read_bytes', 'counter');
  checkUnit('bytes_per_second', 'rate_bytes_per_second', 'gauge');
});

test('checkUnit() refuses any other, and any at all of an info or a state set', () => {
  const refused: readonly (readonly [unit: unknown, name: string, type: 'counter' | 'gauge' | 'info' | 'stateset'])[] =
    [
      ['seconds', 'scan', 'gauge'],
      ['seconds', 'scanseconds', 'gauge'],
      ['seconds', 'seconds', 'gauge'],
      ['seconds', 'scan_seconds_total', 'gauge'],
      ['total', 'scan_total', 'counter'],
      ['m/s', 'speed_m/s', 'gauge'],
      ['info', 'build_info', 'info'],
      ['on', 'is_on', 'stateset'],
    ];
  for (const [unit, name, type] of refused)
    assert.throws(() => checkUnit(unit, name, type), {
      name: 'RangeError',
      message: /^Cannot create metric ".*": expected (?:a name that ends with its unit|no unit)/,
    });
  assert.throws(() => checkUnit(1, 'a', 'gauge'), {
    name: 'TypeError',
    message: /expected unit to be a string, got 1/,
  });
});

test('a metric has its unit, and one whose name does not end with it is not created', () => {
  assert.equal(new Counter({ name: 'read_bytes_total', help: 'R.', unit: 'bytes', registers: [] }).unit, 'bytes');
  assert.equal(new Gauge({ name: 'g', help: 'G.', registers: [] }).unit, '');
  assert.throws(() => new Gauge({ name: 'g', help: 'G.', unit: 'bytes', registers: [] }), {
    message:
      'Cannot create metric "g": expected a name that ends with its unit, "…_bytes", the unit of letters, digits and "_", got unit "bytes".',
  });
});
