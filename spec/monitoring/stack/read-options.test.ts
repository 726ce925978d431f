import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../monitoring/stack/read-options.ts';

test('readOptions() takes one scanner, one Prometheus and one second unless told otherwise', () => {
  const defaults = { instances: 1, shards: 1, intervalSeconds: 1, minutes: 0, push: false, json: false };
  assert.deepEqual(readOptions([]), defaults);
  const args = ['--instances', '20', '--shards', '2', '--interval', '15', '--minutes', '60', '--push', '--json'];
  const all = { instances: 20, shards: 2, intervalSeconds: 15, minutes: 60, push: true, json: true };
  assert.deepEqual(readOptions(args), all);
  assert.equal(readOptions(['--help']), undefined);
});

test('readOptions() refuses what is out of range, no number, or no option', () => {
  assert.throws(() => readOptions(['--instances', '0']), {
    name: 'RangeError',
    message: 'Cannot start: expected --instances to be an integer from 1 to 100, got "0".',
  });
  assert.throws(() => readOptions(['--shards', 'two']), RangeError);
  assert.throws(() => readOptions(['--scanners', '2']), TypeError);
});
