import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { processFileDescriptors } from '../../lib/collectors/process-file-descriptors.ts';
import { valueOf } from './value-of.ts';

const LIMITS = 'Max open files            1024                 1048576              files     \n';

test('processFileDescriptors() shows the size of the folder where the kernel gives it', () => {
  const list = () => assert.fail('must not be listed');
  const group = processFileDescriptors(() => LIMITS, { stat: () => ({ size: 23 }), list });
  assert.equal(valueOf(group, 'process_open_fds'), 23);
  assert.equal(valueOf(group, 'process_max_fds'), 1024);
});

test('processFileDescriptors() counts the entries on an older kernel, without the one of the listing', () => {
  const group = processFileDescriptors(() => LIMITS, { stat: () => ({ size: 0 }), list: () => ['0', '1', '2', '17'] });
  assert.equal(valueOf(group, 'process_open_fds'), 3);
});

test('processFileDescriptors() shows no limit as infinite', () => {
  const group = processFileDescriptors(() => LIMITS.replace('1024', 'unlimited'));
  assert.equal(valueOf(group, 'process_max_fds'), Infinity);
});

test('processFileDescriptors() leaves out what is unavailable', () => {
  const stat = () => {
    throw new Error('ENOENT');
  };
  const group = processFileDescriptors(() => undefined, { stat, list: stat });
  assert.deepEqual(group.collect(), [undefined, undefined]);
});

test('processFileDescriptors() follows this process', { skip: process.platform !== 'linux' }, () => {
  const group = processFileDescriptors();
  const before = valueOf(group, 'process_open_fds')!;
  const opened = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
  assert.equal(valueOf(group, 'process_open_fds'), before + 5);
  opened.forEach((descriptor) => closeSync(descriptor));
  assert.equal(valueOf(group, 'process_open_fds'), before);
});
