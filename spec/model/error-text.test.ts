import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCode, errorText } from '../../lib/model/error-text.ts';
import { THROWN_VALUES } from '../support/thrown-values.ts';

test('errorText() is the message of an Error', () => {
  assert.equal(errorText(new RangeError('too large')), 'too large');
});

test('errorText() is the code or the name of an Error without a message', () => {
  assert.equal(errorText(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })), 'ECONNREFUSED');
  assert.equal(errorText(new TypeError()), 'TypeError');
});

test('errorText() is the text of any other value', () => {
  assert.equal(errorText('no disk'), 'no disk');
  assert.equal(errorText(undefined), 'undefined');
  assert.equal(errorText(Symbol('x')), 'Symbol(x)');
});

test('errorText() of an object that is no Error is its message, code or name, or else its text', () => {
  assert.equal(errorText({ message: 'no disk' }), 'no disk');
  assert.equal(errorText({ code: 'ENOENT' }), 'ENOENT');
  assert.equal(errorText({ toString: () => 'text of its own' }), 'text of its own');
  assert.equal(errorText([1, 2]), 'an array');
});

test('errorText() passes over a message, code or name that is no text', () => {
  const circular: { message?: unknown } = new Error();
  circular.message = circular;
  assert.equal(errorText(circular), 'Error');
  for (const message of [
    {},
    [],
    Object.create(null),
    Symbol('x'),
    5n,
    true,
    null,
    undefined,
    () => 'x',
    Promise.resolve('x'),
    '',
    ' \n',
  ]) {
    assert.equal(errorText(Object.assign(new TypeError(), { message })), 'TypeError');
    assert.equal(errorText(Object.assign(new TypeError(), { message, code: 'EACCES' })), 'EACCES');
  }
  assert.equal(errorText(Object.assign(new Error('x'), { message: 404 })), '404');
});

test('errorText() never throws and is never blank', () => {
  for (const [what, value] of THROWN_VALUES)
    assert.equal(errorText(value), 'an error that cannot be shown as text', what);
});

test('errorText() has at most 1,000 characters, none of them half a pair', () => {
  const long = '😀'.repeat(5_000_000);
  for (const value of [
    long,
    ` ${long}`,
    new Error(long),
    new Error(` ${long}`),
    { toString: () => long },
    { code: long },
    Symbol(long),
    7n ** 4000n,
    -(7n ** 900_000n),
  ]) {
    const text = errorText(value);
    assert.ok(text.length > 20 && text.length <= 1000);
    assert.ok(text.isWellFormed());
  }
  assert.equal(errorText('x'.repeat(1000)), 'x'.repeat(1000));
  assert.equal(errorText('x'.repeat(1001)), `${'x'.repeat(999)}…`);
  assert.equal(errorText(new Array<string>(2 ** 27)), 'an array');
  assert.equal(errorText(new Uint8Array(2 ** 27)), 'an array');
});

test('errorCode() is the code of a thrown value if that is text', () => {
  assert.equal(errorCode(Object.assign(new Error('x'), { code: 'EPIPE' })), 'EPIPE');
  assert.equal(errorCode('EPIPE'), undefined);
  for (const code of [{}, Symbol('x'), '', null]) assert.equal(errorCode({ code }), undefined);
  for (const [what, value] of [...THROWN_VALUES, ['null', null], ['undefined', undefined]] as const)
    assert.equal(errorCode(value), undefined, what);
  assert.equal(errorCode({ code: 'x'.repeat(5000) })?.length, 1000);
});
