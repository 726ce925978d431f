import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectDefaultMetrics, Registry, register, validateMetricName } from '../../lib/index.ts';

test('collectDefaultMetrics() takes no config, null, or an object, and refuses anything else', async () => {
  for (const config of [undefined, null, {}]) {
    const { stop } = collectDefaultMetrics(config);
    assert.match(await register.metrics(), /^process_cpu_seconds_total /m);
    stop();
  }
  for (const config of ['prefix_', 5, true]) {
    assert.throws(() => collectDefaultMetrics(config as never), {
      name: 'TypeError',
      message: /config must be null, undefined, or an object, got /,
    });
  }
  assert.equal(await register.metrics(), '');
});

test('collectDefaultMetrics.metricsList names the groups that can be left out', async () => {
  const { metricsList } = collectDefaultMetrics;
  assert.ok(metricsList.includes('gc') && metricsList.includes('processCpu'));
  const registry = new Registry();
  const { stop } = collectDefaultMetrics(registry, { without: metricsList as never });
  assert.equal(await registry.metrics(), '');
  stop();
});

test('validateMetricName() says whether every version of Prometheus takes a name', () => {
  assert.deepEqual(['a:b_1', '1a', 'a.b', ''].map(validateMetricName), [true, false, false, false]);
});
