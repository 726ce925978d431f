import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wellFormed } from '../../lib/model/label-value.ts';
import { checkJobName, groupPath } from '../../lib/push/push-settings.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { SeededRandom } from '../support/seeded-random.ts';

test('groupPath() writes the job first, then the groupings in their order', () => {
  assert.equal(
    groupPath('nightly', { shard: 7, is_dry: true, zone: 'eu-1' }),
    '/job/nightly/shard/7/is_dry/true/zone/eu-1',
  );
});

test('groupPath() percent-encodes, and takes base64 for what that would not bring through', () => {
  for (const [value, expected] of [
    ['a b&c?#%é', '/job/x/v/a%20b%26c%3F%23%25%C3%A9'],
    ['a/b', '/job/x/v@base64/YS9i'],
    ['//?', '/job/x/v@base64/Ly8_'],
    ['', '/job/x/v@base64/='],
    ['.', '/job/x/v@base64/Lg'],
    ['..', '/job/x/v@base64/Li4'],
    ['...', '/job/x/v/...'],
    ['\ud800', '/job/x/v/%EF%BF%BDd800'],
  ] as const) {
    assert.equal(groupPath('x', { v: value }), expected);
  }
  assert.equal(groupPath('a/b', {}), '/job@base64/YS9i');
});

test('groupPath() keeps every value through a URL, as a gateway decodes it', () => {
  const random = new SeededRandom(8);
  const values = [
    ...NASTY_LABEL_VALUES,
    ...Array.from({ length: 500 }, () => random.text(20, { hasLoneSurrogates: true })),
  ];
  for (const value of values) {
    const url = new URL('http://localhost:9091');
    url.pathname = `/metrics${groupPath(`j${value}`, { v: value, w: 'w' })}`;
    assert.deepEqual(decoded(url.pathname), [
      ['job', wellFormed(`j${value}`)],
      ['v', wellFormed(value)],
      ['w', 'w'],
    ]);
  }
});

/** The labels of a path, by the gateway's rules: none of the code under test. */
function decoded(path: string): [name: string, value: string][] {
  const segments = path.slice('/metrics/'.length).split('/');
  return Array.from({ length: segments.length / 2 }, (_, i) => {
    const [name = '', suffix] = segments[2 * i]!.split('@');
    const value = segments[2 * i + 1]!;
    return [name, suffix === 'base64' ? Buffer.from(value, 'base64').toString() : decodeURIComponent(value)];
  });
}

test('groupPath() goes without a job, and leaves out groupings without a value', () => {
  for (const job of [undefined, null, '']) {
    assert.equal(groupPath(job, {}), '');
    assert.equal(groupPath(job, { a: 'b' }), '/a/b');
  }
  for (const groupings of [undefined, null, {}, { a: undefined, b: null }])
    assert.equal(groupPath('x', groupings), '/job/x');
  assert.equal(groupPath('x', { a: undefined, b: 'c' }), '/job/x/b/c');
});

test('checkJobName() wants a job, unless none is required', () => {
  for (const [job, expected] of [
    [undefined, 'Missing jobName parameter: expected jobName to be a string of at least one character, got undefined.'],
    [null, 'Missing jobName parameter: expected jobName to be a string of at least one character, got null.'],
    ['', 'Missing jobName parameter: expected jobName to be a string of at least one character, got "".'],
    [7, 'expected jobName to be a string of at least one character, got 7.'],
  ] as const) {
    const message = `Cannot push metrics: ${expected}`;
    assert.throws(() => checkJobName(job as string, true), { name: 'TypeError', message });
    if (job !== 7) checkJobName(job, false);
  }
  checkJobName('x', true);
  assert.throws(() => checkJobName(7 as unknown as string, false), { name: 'TypeError' });
});

test('groupPath() refuses labels that no gateway takes', () => {
  for (const name of ['job', '__name__', '__x', 'a-b', '1a', '', 'a/b', 'a@base64']) {
    assert.throws(() => groupPath('x', { [name]: 'v' }), {
      name: 'RangeError',
      message:
        `Cannot push metrics by label ${JSON.stringify(name)}: expected letters, digits and "_" in the name of a grouping, ` +
        'no digit or "__" at its start, and not "job", which jobName is for.',
    });
  }
  assert.throws(() => groupPath('x', { a: Symbol('v') as unknown as string }), {
    name: 'TypeError',
    message:
      'Cannot use label "a" of metric "groupings": expected a string, number or boolean, got symbol. Pass its text.',
  });
});
