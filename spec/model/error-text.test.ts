import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorText } from '../../lib/model/error-text.ts';

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

test('errorText() never throws', () => {
  const throwing = {
    toString() {
      throw new Error('no');
    },
  };
  for (const value of [Object.create(null), throwing]) {
    assert.equal(errorText(value), 'an error that cannot be shown as text');
  }
});
