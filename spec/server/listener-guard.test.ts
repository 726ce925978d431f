import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListenerGuard } from '../../lib/server/listener-guard.ts';
import { collectWarnings } from './warnings.ts';

test('ListenerGuard.guard() counts each exception, closes its connection, and warns once', (t) => {
  const warnings = collectWarnings(t);
  let count = 0;
  let destroyed = 0;
  const guard = new ListenerGuard(() => void count++);
  const thrown = [new Error('first'), null, undefined, { get message() { throw new Error('no'); } }, Symbol('s')];
  const listener = guard.guard(
    (what: unknown) => {
      throw what;
    },
    () => ({ destroy: () => void destroyed++ }) as never,
  );
  for (const what of thrown) listener(what);
  assert.deepEqual([count, destroyed], [5, 5]);
  assert.deepEqual(warnings, ['A request could not be handled, and its connection was closed: first']);
});

test('ListenerGuard.guard() passes its arguments on', () => {
  const seen: unknown[] = [];
  const listener = new ListenerGuard().guard((...all: unknown[]) => void seen.push(...all), (..._all) => assert.fail());
  listener(1, 'two');
  assert.deepEqual(seen, [1, 'two']);
});
