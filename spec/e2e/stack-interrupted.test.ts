import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { findPrograms } from '../support/real-system.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { STACK_PROGRAM, stackEnvironment, testOnStack } from './run-stack-program.ts';

const [newest] = findPrograms('prometheus');

testOnStack([], 'Ctrl+C ends everything that npm run stack has started', async (program, t) => {
  if (program.path !== newest?.path) return t.skip('which Prometheus it is makes no difference');
  const environment = stackEnvironment(program, t);
  const args = [STACK_PROGRAM, '--minutes', '5'];
  const stack = new StartedProgram({ after: t.after.bind(t) }, { program: process.execPath, args, environment });
  const urls = await until('the addresses', () => {
    stack.requireRunning();
    const found = stack.output.match(/http:\S+/g) ?? [];
    return found.length === 3 ? found : undefined;
  });
  await stack.stop('SIGINT');
  assert.deepEqual(readdirSync(environment.TMPDIR), [], 'files that are left behind');
  for (const url of urls) await assert.rejects(fetch(url), TypeError, url);
});
