import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import {
  osMemoryHeap,
  processCpuTotal,
  processMaxFileDescriptors,
  processOpenFileDescriptors,
  processStartTime,
  processThreads,
  procNumber,
  readProcFile,
} from '../../lib/collectors/process.ts';
import type { Counter } from '../../lib/metrics/counter.ts';
import { PLAIN, valueOf } from './value-of.ts';

test('processCpuTotal() shows user, system and total time of one reading, in seconds', async () => {
  let readings = 0;
  const { metrics } = processCpuTotal(PLAIN, () => (readings++, { user: 1_250_000, system: 250_000 }));
  assert.equal(readings, 1, 'read at the start, to know what there is');
  for (const metric of metrics) void metric.collect?.();
  assert.deepEqual(
    metrics.map(({ name, type, series }) => [name, type, series.map((one) => 'value' in one && one.value)]),
    [
      ['process_cpu_user_seconds_total', 'counter', [1.25]],
      ['process_cpu_system_seconds_total', 'counter', [0.25]],
      ['process_cpu_seconds_total', 'counter', [1.5]],
    ],
  );
  assert.equal(readings, 2);
});

test('processCpuTotal() never decreases', async () => {
  const group = processCpuTotal(PLAIN);
  let before = 0;
  for (let i = 0; i < 100; i++) {
    const now = (await valueOf(group, 'process_cpu_seconds_total'))!;
    assert.ok(now >= before);
    before = now;
  }
  assert.ok(before > 0);
});

test('processCpuTotal() counts since the process started, and from 0 after a reset', async () => {
  let user = 5_000_000;
  const group = processCpuTotal(PLAIN, () => ({ user, system: 0 }));
  const [metric] = group.metrics as [Counter];
  const shown = () => valueOf(group, 'process_cpu_user_seconds_total');
  assert.equal(await shown(), 5);
  const startedAt = metric.createdSeconds;
  assert.ok(Math.abs(startedAt - performance.timeOrigin / 1e3) < 0.1);
  metric.reset();
  assert.equal(await shown(), 0, 'nothing was used since');
  user += 250_000;
  assert.equal(await shown(), 0.25);
  user += 250_000;
  assert.equal(await shown(), 0.5);
  assert.ok(Math.abs(metric.createdSeconds - Date.now() / 1e3) < 60);
  assert.ok(metric.createdSeconds > startedAt);
});

test('processCpuTotal() counts on from what somebody else has added', async () => {
  let user = 1_000_000;
  const group = processCpuTotal(PLAIN, () => ({ user, system: 0 }));
  const [metric] = group.metrics as [Counter];
  const shown = () => valueOf(group, 'process_cpu_user_seconds_total');
  assert.equal(await shown(), 1);
  metric.inc(10);
  assert.equal(await shown(), 11);
  user += 500_000;
  assert.equal(await shown(), 11.5);
  assert.ok(Math.abs(metric.createdSeconds - performance.timeOrigin / 1e3) < 0.1);
});

const STATUS = 'Name:\tnode\nVmPeak:\t999 kB\nVmSize:\t 1071872 kB\nVmRSS:\t   55848 kB\nVmData:\t  116772 kB\n';
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 1048576              files
Max address space         8589934592           unlimited            bytes
`;

function memoryOf(files: Readonly<Record<string, string>>) {
  return osMemoryHeap(PLAIN, (path) => files[path]);
}

test('osMemoryHeap() shows what the operating system says, in bytes', async () => {
  const group = memoryOf({ '/proc/self/status': STATUS, '/proc/self/limits': LIMITS });
  assert.equal(await valueOf(group, 'process_resident_memory_bytes'), 55848 * 1024);
  assert.equal(await valueOf(group, 'process_virtual_memory_bytes'), 1071872 * 1024);
  assert.equal(await valueOf(group, 'process_virtual_memory_max_bytes'), 8589934592);
  assert.equal(await valueOf(group, 'process_heap_bytes'), 116772 * 1024);
});

test('osMemoryHeap() shows no limit as infinite', async () => {
  const group = memoryOf({ '/proc/self/limits': LIMITS.replace('8589934592', 'unlimited ') });
  assert.equal(await valueOf(group, 'process_virtual_memory_max_bytes'), Infinity);
});

test('osMemoryHeap() leaves out what is unavailable, but finds the resident memory anywhere', async () => {
  const group = memoryOf({});
  assert.ok((await valueOf(group, 'process_resident_memory_bytes'))! > 1e6);
  const names = group.metrics.map(({ name }) => name);
  assert.deepEqual(names, ['process_resident_memory_bytes']);
});

test('osMemoryHeap() shows the highest resident memory where Node cannot read the current one, as without /proc', async (t) => {
  t.mock.method(process.memoryUsage, 'rss', () => {
    throw new Error('ENOENT: no such file or directory, uv_resident_set_memory');
  });
  const before = process.resourceUsage().maxRSS * 1024;
  const shown = (await valueOf(memoryOf({}), 'process_resident_memory_bytes'))!;
  assert.ok(shown >= before && shown <= process.resourceUsage().maxRSS * 1024, `${shown}`);
});

test('osMemoryHeap() agrees with Node about this process', { skip: process.platform !== 'linux' }, async () => {
  const resident = (await valueOf(osMemoryHeap(PLAIN), 'process_resident_memory_bytes'))!;
  const fromNode = process.memoryUsage.rss();
  assert.ok(Math.abs(resident - fromNode) < fromNode / 4, `${resident} ${fromNode}`);
});

test('processOpenFileDescriptors() shows the size of the folder where the kernel gives it', async () => {
  const list = () => assert.fail('must not be listed');
  const group = processOpenFileDescriptors(PLAIN, { stat: () => ({ size: 23 }), list });
  assert.equal(await valueOf(group, 'process_open_fds'), 23);
});

test('processOpenFileDescriptors() counts the entries on an older kernel, without the one of the listing', async () => {
  const group = processOpenFileDescriptors(PLAIN, { stat: () => ({ size: 0 }), list: () => ['0', '1', '2', '17'] });
  assert.equal(await valueOf(group, 'process_open_fds'), 3);
});

test('processMaxFileDescriptors() shows the limit of the moment, and no limit as infinite', async () => {
  let limits = LIMITS;
  const group = processMaxFileDescriptors(PLAIN, () => limits);
  assert.equal(await valueOf(group, 'process_max_fds'), 1024);
  limits = LIMITS.replace('1024', '4096');
  assert.equal(await valueOf(group, 'process_max_fds'), 4096);
  limits = LIMITS.replace('1024', 'unlimited');
  assert.equal(await valueOf(group, 'process_max_fds'), Infinity);
});

test('processOpenFileDescriptors() and processMaxFileDescriptors() leave out what is unavailable', () => {
  const stat = () => {
    throw new Error('ENOENT');
  };
  assert.deepEqual(processOpenFileDescriptors(PLAIN, { stat, list: stat }).metrics, []);
  assert.deepEqual(processMaxFileDescriptors(PLAIN, () => undefined).metrics, []);
});

test('processOpenFileDescriptors() fails when the value is not available any more, and shows no old one', async () => {
  let isReadable = true;
  const stat = () => {
    if (isReadable) return { size: 23 };
    throw new Error('EMFILE');
  };
  const group = processOpenFileDescriptors(PLAIN, { stat, list: stat as never });
  isReadable = false;
  await assert.rejects(valueOf(group, 'process_open_fds'), {
    name: 'Error',
    message: 'process_open_fds is not available any more',
  });
  isReadable = true;
  assert.equal(await valueOf(group, 'process_open_fds'), 23);
});

test('processOpenFileDescriptors() follows this process', { skip: process.platform !== 'linux' }, async () => {
  const group = processOpenFileDescriptors(PLAIN);
  const before = (await valueOf(group, 'process_open_fds'))!;
  const opened = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
  assert.equal(await valueOf(group, 'process_open_fds'), before + 5);
  opened.forEach((descriptor) => closeSync(descriptor));
  assert.equal(await valueOf(group, 'process_open_fds'), before);
});

test('processStartTime() shows when the process started, to the millisecond', async () => {
  const seconds = (await valueOf(processStartTime(PLAIN), 'process_start_time_seconds'))!;
  assert.ok(Math.abs(seconds - performance.timeOrigin / 1e3) < 0.1, String(seconds));
  assert.equal(seconds, Math.round(seconds * 1e3) / 1e3);
});

test('processStartTime() does not move when the clock is set', async (context) => {
  const group = processStartTime(PLAIN);
  const before = await valueOf(group, 'process_start_time_seconds');
  context.mock.timers.enable({ apis: ['Date'], now: 0 });
  assert.equal(await valueOf(group, 'process_start_time_seconds'), before);
});

test('processThreads() shows the number of threads', async () => {
  assert.equal(
    await valueOf(
      processThreads(PLAIN, () => 'Name:\tThreads: 3\nThreads:\t11\n'),
      'process_threads',
    ),
    11,
  );
});

test('processThreads() leaves the value out where there is no /proc', () => {
  assert.deepEqual(processThreads(PLAIN, () => undefined).metrics, []);
});

test('processThreads() counts those of this process', { skip: process.platform !== 'linux' }, async () => {
  assert.ok((await valueOf(processThreads(PLAIN), 'process_threads'))! >= 2);
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
