import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StartedProgram } from './started-program.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

/** A program that says when it runs, and goes on until it is told to stop. */
const ENDLESS = ['-e', 'setInterval(() => undefined, 1000); console.log("running")'];

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended keeps its id until its parent, or who took it over, has asked how: state Z in Linux.
    return !/\) Z /.test(existsSync('/proc/self/stat') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '');
  } catch {
    return false;
  }
}

const saysRunning = (program: StartedProgram) => until('its output', () => /running/.exec(program.output)?.[0]);

test('StartedProgram ends with the test that started it, and its own folder goes with it', async (t) => {
  const ownFolder = temporaryFolder(t);
  let program: StartedProgram | undefined;
  await t.test('a test', async (inner) => {
    program = new StartedProgram(inner, { program: process.execPath, args: ENDLESS, folder: ownFolder, ownFolder });
    await saysRunning(program);
    assert.ok(isRunning(program.pid!));
  });
  assert.ok(!isRunning(program!.pid!));
  assert.ok(!existsSync(ownFolder));
});

test('StartedProgram does not outlive a process that is told to end', async (t) => {
  const module = fileURLToPath(new URL(`./started-program${extname(import.meta.url)}`, import.meta.url));
  const script = `
    import { StartedProgram } from ${JSON.stringify(module)};
    const program = new StartedProgram({ after() {} }, { program: process.execPath, args: ${JSON.stringify(ENDLESS)} });
    setInterval(() => program.output && console.log('pid', program.pid, program.output), 20);
  `;
  const args = ['--input-type=module', '-e', script];
  const runner = new StartedProgram(t, { program: process.execPath, args });
  const pid = Number(await until('the process id', () => /pid (\d+) running/.exec(runner.output)?.[1]));
  assert.ok(isRunning(pid));
  assert.deepEqual(await runner.stop('SIGTERM'), { code: 143, signal: null });
  await until('its end', () => (isRunning(pid) ? undefined : true));
});

test('StartedProgram.stop() resolves to how the program ended', async (t) => {
  const stopped = new StartedProgram(t, { program: process.execPath, args: ENDLESS });
  await saysRunning(stopped);
  stopped.requireRunning();
  assert.deepEqual(await stopped.stop(), { code: null, signal: 'SIGTERM' });
  const ended = new StartedProgram(t, { program: process.execPath, args: ['-e', 'process.exit(3)'] });
  await ended.ended;
  assert.deepEqual(await ended.stop(), { code: 3, signal: null });
});

test('StartedProgram.requireRunning() says how the program ended, and its last words', async (t) => {
  const args = ['-e', 'throw new Error("no more paper")'];
  const program = new StartedProgram(t, { program: process.execPath, args });
  await program.ended;
  assert.throws(() => program.requireRunning(), /expected .* to run, got exit code 1\.[^]*no more paper/);
  const missing = new StartedProgram(t, { program: '/does/not/exist', args: [] });
  await assert.rejects(missing.ended, /Cannot start \/does\/not\/exist: .*ENOENT/);
  assert.throws(() => missing.requireRunning(), /ENOENT/);
});
