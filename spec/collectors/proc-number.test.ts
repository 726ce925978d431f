import assert from 'node:assert/strict';
import { test } from 'node:test';
import { procNumber } from '../../lib/collectors/proc-number.ts';
import { readProcFile } from '../../lib/collectors/read-proc-file.ts';

test('procNumber() finds the number of a line by what the line starts with', () => {
  const text = 'VmSize:\t   12 kB\nMax open files            1024         4096         files\nVmRSS:\t7 kB';
  assert.equal(procNumber(text, 'VmSize:'), 12);
  assert.equal(procNumber(text, 'Max open files'), 1024);
  assert.equal(procNumber(text, 'VmRSS:'), 7);
});

test('procNumber() takes unlimited for infinite', () => {
  assert.equal(procNumber('Max address space     unlimited      unlimited      bytes', 'Max address space'), Infinity);
});

test('procNumber() has nothing for a line that is not there, has no number, or no text', () => {
  assert.equal(procNumber('Name:\tVmSize: 3\n', 'VmSize:'), undefined);
  assert.equal(procNumber('VmSize:\tmuch kB\n', 'VmSize:'), undefined);
  assert.equal(procNumber('', 'VmSize:'), undefined);
  assert.equal(procNumber(undefined, 'VmSize:'), undefined);
});

test('readProcFile() has nothing for a file that is not there', () => {
  assert.equal(readProcFile('/proc/self/no-such-file'), undefined);
});
