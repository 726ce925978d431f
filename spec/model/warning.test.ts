import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warn } from '../../lib/model/error-text.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { turn } from '../support/turn.ts';

test('warn() emits a process warning with a code', async (t) => {
  const warnings = await collectWarnings(t);
  warn('METRICS_EXAMPLE', 'Something is wrong.');
  await turn();
  assert.deepEqual(
    warnings.map(({ name, code, message }) => ({ name, code, message })),
    [{ name: 'MetricsWarning', code: 'METRICS_EXAMPLE', message: 'Something is wrong.' }],
  );
});

test('warn() writes to the console where there is no process', (t) => {
  const logged = t.mock.method(console, 'warn', () => undefined);
  const host = globalThis as { process?: unknown };
  const { process: saved } = host;
  try {
    host.process = undefined;
    warn('METRICS_EXAMPLE', 'Something is wrong.');
  } finally {
    host.process = saved;
  }
  assert.deepEqual(logged.mock.calls[0]?.arguments, ['MetricsWarning [METRICS_EXAMPLE]: Something is wrong.']);
});
