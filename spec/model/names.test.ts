import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHelp, checkLabelNames, checkMetricName, describe } from '../../lib/model/names.ts';

test('checkMetricName() takes letters, digits, "_" and ":", not starting with a digit', () => {
  for (const name of ['a', '_', ':', 'A9', 'job:latency:p99', '__x', 'a'.repeat(1000)]) checkMetricName(name);
  for (const name of ['', '9a', 'a b', 'a-b', 'a.b', 'é', 'a\n', '\0', ' a', 'a{', '😀']) {
    assert.throws(() => checkMetricName(name), { name: 'RangeError', message: /^Cannot create metric ".*": expected a name of letters/s });
  }
  for (const name of [undefined, null, 5, {}, Symbol('a')]) {
    assert.throws(() => checkMetricName(name), { name: 'TypeError', message: /expected its name to be a string, got/ });
  }
});

test('checkLabelNames() takes letters, digits and "_", names of Object.prototype among them', () => {
  checkLabelNames(['a', '_', 'A9', 'constructor', 'toString', 'hasOwnProperty', 'job', 'instance'], 'm');
});

test('checkLabelNames() refuses other characters, reserved names and doubles, naming label and metric', () => {
  const cases: readonly (readonly [names: readonly string[], message: RegExp])[] = [
    [['9a'], /label "9a" of metric "m": expected letters, digits and "_"/],
    [['a:b'], /label "a:b" of metric "m"/],
    [['a-b'], /label "a-b"/],
    [[''], /label "" of metric "m"/],
    [['a\n'], /label "a\\n"/],
    [['é'], /label "é"/],
    [['__name__'], /label "__name__" of metric "m": expected a name without "__" at its start/],
    [['__proto__'], /reserved for Prometheus/],
    [['le'], /label "le" of metric "m": expected another name, since this one is reserved/],
    [['quantile'], /label "quantile"/],
    [['a', 'b', 'a'], /label "a" of metric "m": expected each label name once/],
  ];
  for (const [names, message] of cases) assert.throws(() => checkLabelNames(names, 'm'), { name: 'RangeError', message });
  for (const name of [undefined, null, 5, {}, ['a']]) {
    assert.throws(() => checkLabelNames([name], 'm'), { name: 'TypeError', message: /Cannot create metric "m": expected label names as strings/ });
  }
});

test('checkHelp() takes any text but a blank one', () => {
  checkHelp('Jobs done.', 'm');
  for (const help of ['', ' ', '\n\t', undefined, null, 5, {}]) {
    assert.throws(() => checkHelp(help, 'm'), { name: 'TypeError', message: /Cannot create metric "m": expected a help text/ });
  }
});

test('describe() quotes strings and names the kind of what it does not show', () => {
  assert.equal(describe('a"b'), '"a\\"b"');
  assert.equal(describe(null), 'null');
  assert.equal(describe(undefined), 'undefined');
  assert.equal(describe(NaN), 'NaN');
  assert.equal(describe(true), 'true');
  assert.equal(describe([1]), 'an array');
  assert.equal(describe({}), 'a value of type object');
  assert.equal(describe(5n), 'a value of type bigint');
  assert.equal(describe(Symbol('a')), 'a value of type symbol');
  assert.equal(describe(Object.create(null)), 'a value of type object');
});
