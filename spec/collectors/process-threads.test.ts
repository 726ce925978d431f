import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processThreads } from '../../lib/collectors/process-threads.ts';
import { valueOf } from './value-of.ts';

test('processThreads() shows the number of threads', () => {
  assert.equal(
    valueOf(
      processThreads(() => 'Name:\tThreads: 3\nThreads:\t11\n'),
      'process_threads',
    ),
    11,
  );
});

test('processThreads() leaves the value out where there is no /proc', () => {
  assert.deepEqual(processThreads(() => undefined).collect(), [undefined]);
});

test('processThreads() counts those of this process', { skip: process.platform !== 'linux' }, () => {
  assert.ok(valueOf(processThreads(), 'process_threads')! >= 2);
});
