import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkHelp,
  checkLabelNames,
  checkMetricName,
  describe,
  underscoredLabelName,
  underscoredMetricName,
} from '../../lib/model/names.ts';

test('checkMetricName() takes letters, digits, "_" and ":", not starting with a digit', () => {
  for (const name of ['a', '_', ':', 'A9', 'job:latency:p99', '__x', 'a'.repeat(1000)]) checkMetricName(name);
  for (const name of ['', '9a', 'a b', 'a-b', 'a.b', 'é', 'a\n', '\0', ' a', 'a{', '😀']) {
    assert.throws(() => checkMetricName(name), {
      name: 'RangeError',
      message: /^Cannot create metric ".*": expected a name of letters/s,
    });
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
  for (const [names, message] of cases)
    assert.throws(() => checkLabelNames(names, 'm'), { name: 'RangeError', message });
  for (const name of [undefined, null, 5, {}, ['a']]) {
    assert.throws(() => checkLabelNames([name], 'm'), {
      name: 'TypeError',
      message: /Cannot create metric "m": expected label names as strings/,
    });
  }
});

test('checkHelp() takes any text but a blank one', () => {
  checkHelp('Jobs done.', 'm');
  for (const help of ['', ' ', '\n\t', undefined, null, 5, {}]) {
    assert.throws(() => checkHelp(help, 'm'), {
      name: 'TypeError',
      message: /Cannot create metric "m": expected a help text/,
    });
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

test('describe() runs no code of a value and takes any value', () => {
  const throws = (): never => {
    throw new Error('no');
  };
  assert.equal(describe({ toJSON: throws, toString: throws, [Symbol.toPrimitive]: throws }), 'a value of type object');
  const handler = new Proxy({}, { get: throws });
  assert.equal(describe(new Proxy({}, handler)), 'a value of type object');
  for (const target of [[], {}]) {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    assert.equal(describe(proxy), 'a value of type object');
  }
});

test('describe() cuts a long string, never in the middle of a character', () => {
  assert.equal(describe('x'.repeat(200)), `"${'x'.repeat(200)}"`);
  assert.equal(describe('x'.repeat(2 ** 24)), `"${'x'.repeat(199)}…"`);
  assert.equal(describe(`x${'😀'.repeat(1000)}`), `"x${'😀'.repeat(99)}…"`);
  assert.equal(describe('😀'.repeat(1000)), `"${'😀'.repeat(99)}…"`);
});

test('checkMetricName() and checkLabelNames() take any text under the utf8 scheme, and name it as a remedy', () => {
  for (const name of ['a b', 'http.server.duration', '1a', '花火', '"', '\n', '😀']) {
    checkMetricName(name, 'utf8');
    checkLabelNames([name], 'm', 'utf8');
    assert.throws(() => checkMetricName(name), /A registry with nameValidationScheme: "utf8" takes any text\.$/);
    assert.throws(() => checkLabelNames([name], 'm'), { name: 'RangeError' });
  }
  for (const name of ['', '\ud800']) {
    assert.throws(() => checkMetricName(name, 'utf8'), {
      name: 'RangeError',
      message: /expected a name of at least one character, got/,
    });
    assert.throws(() => checkLabelNames([name], 'm', 'utf8'), { name: 'RangeError' });
    assert.throws(
      () => checkMetricName(name),
      (error: Error) => !error.message.includes('utf8'),
    );
  }
});

test('checkMetricName() and checkLabelNames() refuse under the utf8 scheme what reads like an escaped name', () => {
  const message = /expected a name without "U__" at its start/;
  assert.throws(() => checkMetricName('U__a_2e_b', 'utf8'), { name: 'RangeError', message });
  assert.throws(() => checkLabelNames(['U__a_2e_b'], 'm', 'utf8'), { name: 'RangeError', message });
  checkMetricName('U__a_2e_b');
  checkLabelNames(['U__a_2e_b'], 'm');
});

test('checkLabelNames() refuses names that are the same once escaped, and reserved ones, under any scheme', () => {
  for (const names of [['a.b', 'a_b'], ['a-b', 'a.b'], ['__x'], ['le'], ['quantile']]) {
    assert.throws(() => checkLabelNames(names, 'm', 'utf8'), { name: 'RangeError' }, names.join());
  }
});

test('underscoredMetricName() and underscoredLabelName() leave legal names and replace each other character by one _', () => {
  assert.equal(underscoredMetricName('job:a_b9'), 'job:a_b9');
  assert.equal(underscoredMetricName('1a.b-c😀d'), '_a_b_c_d');
  assert.equal(underscoredLabelName('a:b.c'), 'a_b_c');
});

test('underscoredLabelName() never begins with the reserved __', () => {
  assert.equal(underscoredLabelName('éé1'), '_1');
  assert.equal(underscoredLabelName('花火'), '_');
  assert.equal(underscoredLabelName('é_name__'), '_name__');
  assert.equal(underscoredLabelName('_1'), '_1');
  assert.throws(() => checkLabelNames(['éé1', 'é1'], 'm', 'utf8'), {
    name: 'RangeError',
    message: /"é1".*each label name once/,
  });
});
