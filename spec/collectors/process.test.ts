import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import {
  processCpu,
  processFileDescriptors,
  processMemory,
  processStartTime,
  processThreads,
  procNumber,
  readProcFile,
} from '../../lib/collectors/process.ts';
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

const STATUS = 'Name:\tnode\nVmPeak:\t999 kB\nVmSize:\t 1071872 kB\nVmRSS:\t   55848 kB\nVmData:\t  116772 kB\n';
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 1048576              files
Max address space         8589934592           unlimited            bytes
`;

function memoryOf(files: Readonly<Record<string, string>>) {
  return processMemory((path) => files[path]);
}

test('processMemory() shows what the operating system says, in bytes', () => {
  const group = memoryOf({ '/proc/self/status': STATUS, '/proc/self/limits': LIMITS });
  assert.equal(valueOf(group, 'process_resident_memory_bytes'), 55848 * 1024);
  assert.equal(valueOf(group, 'process_virtual_memory_bytes'), 1071872 * 1024);
  assert.equal(valueOf(group, 'process_virtual_memory_max_bytes'), 8589934592);
  assert.equal(valueOf(group, 'process_heap_bytes'), 116772 * 1024);
});

test('processMemory() shows no limit as infinite', () => {
  const group = memoryOf({ '/proc/self/limits': LIMITS.replace('8589934592', 'unlimited ') });
  assert.equal(valueOf(group, 'process_virtual_memory_max_bytes'), Infinity);
});

test('processMemory() leaves out what is unavailable, but finds the resident memory anywhere', () => {
  const group = memoryOf({});
  assert.ok(valueOf(group, 'process_resident_memory_bytes')! > 1e6);
  const names = group.collect().map((family) => family?.name);
  assert.deepEqual(names, ['process_resident_memory_bytes', undefined, undefined, undefined]);
});

test('processMemory() shows the highest resident memory where Node cannot read the current one, as without /proc', (t) => {
  t.mock.method(process.memoryUsage, 'rss', () => {
    throw new Error('ENOENT: no such file or directory, uv_resident_set_memory');
  });
  const before = process.resourceUsage().maxRSS * 1024;
  const shown = valueOf(memoryOf({}), 'process_resident_memory_bytes')!;
  assert.ok(shown >= before && shown <= process.resourceUsage().maxRSS * 1024, `${shown}`);
});

test('processMemory() agrees with Node about this process', { skip: process.platform !== 'linux' }, () => {
  const resident = valueOf(processMemory(), 'process_resident_memory_bytes')!;
  const fromNode = process.memoryUsage.rss();
  assert.ok(Math.abs(resident - fromNode) < fromNode / 4, `${resident} ${fromNode}`);
});

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

test('processStartTime() shows when the process started, to the millisecond', () => {
  const seconds = valueOf(processStartTime(), 'process_start_time_seconds')!;
  assert.ok(Math.abs(seconds - performance.timeOrigin / 1e3) < 0.1, String(seconds));
  assert.equal(seconds, Math.round(seconds * 1e3) / 1e3);
});

test('processStartTime() does not move when the clock is set', (context) => {
  const group = processStartTime();
  const before = valueOf(group, 'process_start_time_seconds');
  context.mock.timers.enable({ apis: ['Date'], now: 0 });
  assert.equal(valueOf(group, 'process_start_time_seconds'), before);
});

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
