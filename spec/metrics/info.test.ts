import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Info, MetricsRegistry } from '../../lib/core.ts';

function createInfo(registry: MetricsRegistry): Info<'version' | 'commit'> {
  return new Info({ name: 'build_info', help: 'B.', labelNames: ['version', 'commit'], registers: [registry] });
}

test('Info.set() says its labels and nothing else, with the value 1', async () => {
  const registry = new MetricsRegistry();
  const info = createInfo(registry);
  assert.equal(await registry.metrics(), '');
  info.set({ version: '1.3.0', commit: 'a' });
  info.set({ version: '1.4.0', commit: 'b' });
  assert.equal(
    await registry.metrics(),
    '# HELP build_info B.\n# TYPE build_info gauge\nbuild_info{version="1.4.0",commit="b"} 1\n',
  );
});

test('Info.add() says something about another thing too', async () => {
  const registry = new MetricsRegistry();
  const info = createInfo(registry);
  info.add({ version: '1', commit: 'a' });
  info.add({ version: '2', commit: 'b' });
  info.add({ version: '2', commit: 'b' });
  assert.deepEqual(
    info.series.map(({ labelValues, value }) => [...labelValues, value]),
    [
      ['1', 'a', 1],
      ['2', 'b', 1],
    ],
  );
  assert.equal(info.remove({ version: '1', commit: 'a' }), true);
  assert.equal(info.series.length, 1);
});

test('Info.set() leaves what there is when its labels are wrong', () => {
  const info = createInfo(new MetricsRegistry());
  info.set({ version: '1', commit: 'a' });
  assert.throws(() => info.set({ version: '2', commit: 'b', extra: 'c' } as never), {
    name: 'RangeError',
    message: /got label "extra"/,
  });
  assert.throws(() => info.set({ version: Symbol('2'), commit: 'b' } as never), { name: 'TypeError' });
  assert.deepEqual(
    info.series.map(({ labelValues }) => labelValues),
    [['1', 'a']],
  );
});

test('Info refuses a name that does not end with _info, and a unit', () => {
  assert.throws(() => new Info({ name: 'build', help: 'B.', labelNames: ['v'], registers: [] }), {
    name: 'RangeError',
    message: 'Cannot create info "build": expected a name that ends with "_info".',
  });
  const options = { name: 'build_info', help: 'B.', labelNames: ['v'], unit: 'info', registers: [] };
  assert.throws(() => new Info(options), {
    name: 'RangeError',
    message: /expected no unit, which a metric of type info has not, got unit "info"/,
  });
});

test('Info without labels stays removed until it is said again', () => {
  const info = new Info({ name: 'build_info', help: 'B.', labelNames: [], registers: [] });
  for (const say of [() => info.add({}), () => info.set({})]) {
    say();
    assert.equal(info.series.length, 1);
    assert.equal(info.remove({}), true);
    assert.equal(info.remove({}), false);
    assert.deepEqual(info.series, []);
  }
});
