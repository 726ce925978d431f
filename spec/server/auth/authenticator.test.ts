import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { AttemptLimiter } from '../../../lib/server/auth/attempt-limiter.ts';
import { readAuthOptions } from '../../../lib/server/auth/auth-options.ts';
import { Authenticator } from '../../../lib/server/auth/authenticator.ts';
import { PasswordHash } from '../../../lib/server/auth/password-hash.ts';

const TOKEN = '0123456789abcdef-token';

function hashOf(password: string, ln = 4): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  const key = scryptSync(password, 'salt of sixteen!', 32, { N: 2 ** ln, r: 8, p: 1 });
  return `$scrypt$ln=${ln},r=8,p=1$${text(Buffer.from('salt of sixteen!'))}$${text(key)}`;
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** An authenticator with a user and a token, on a clock that stands, and how often it has verified a password. */
function authenticator(t: { mock: typeof import('node:test').mock }, options = { users: { ann: hashOf('s3cret:word') }, tokens: [TOKEN] }) {
  const verify = t.mock.method(PasswordHash.prototype, 'verify');
  const authenticator = new Authenticator(readAuthOptions(options), new AttemptLimiter(() => 0));
  return { decide: (header: string | undefined, address = '192.0.2.1') => authenticator.decide(header, address), verifications: () => verify.mock.callCount() };
}

test('Authenticator.decide() accepts the password of a user and a token', async (t) => {
  const { decide } = authenticator(t);
  for (const header of [basic('ann:s3cret:word'), `bearer ${TOKEN}`, `Bearer  ${TOKEN} `]) {
    assert.equal(await decide(header), 'accepted', header);
  }
});

test('Authenticator.decide() refuses everything else', async (t) => {
  const { decide } = authenticator(t);
  const wrong = [
    undefined, '', 'Basic', 'Bearer', basic('ann:s3cret'), basic('ann:'), basic('ann'), basic(':s3cret:word'), basic('bob:s3cret:word'),
    basic('__proto__:s3cret:word'), `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Digest ${TOKEN}`, TOKEN, `Bearer ${TOKEN} ${TOKEN}`,
  ];
  for (const [i, header] of wrong.entries()) assert.equal(await decide(header, `192.0.2.${i}`), 'refused', header);
});

test('Authenticator.decide() verifies a right password once, however often and however many at once present it', async (t) => {
  const { decide, verifications } = authenticator(t);
  const header = basic('ann:s3cret:word');
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => decide(header)));
  for (let i = 0; i < 50; i++) verdicts.push(await decide(header));
  assert.deepEqual(new Set(verdicts), new Set(['accepted']));
  assert.equal(verifications(), 1);
});

test('Authenticator.decide() does the same work for a wrong password and for a name that is no user', async (t) => {
  const { decide, verifications } = authenticator(t);
  assert.equal(await decide(basic('ann:wrong')), 'refused');
  assert.equal(verifications(), 1);
  assert.equal(await decide(basic('nobody:wrong')), 'refused');
  assert.equal(verifications(), 2);
  // Even with the password of the user whose hash stands in.
  assert.equal(await decide(basic('nobody:s3cret:word')), 'refused');
  assert.equal(verifications(), 3);
});

test('Authenticator.decide() makes an address wait after ten attempts, but not those who were let in before', async (t) => {
  const { decide, verifications } = authenticator(t);
  const right = basic('ann:s3cret:word');
  assert.equal(await decide(right), 'accepted');
  for (let i = 0; i < 9; i++) assert.equal(await decide(basic(`ann:wrong ${i}`)), 'refused');
  assert.deepEqual(await decide(basic('ann:wrong')), { retryAfterSeconds: 6 });
  assert.deepEqual(await decide(`Bearer ${TOKEN}`), { retryAfterSeconds: 6 });
  assert.equal(await decide(right), 'accepted');
  assert.equal(await decide(basic('ann:wrong'), '192.0.2.9'), 'refused');
  assert.equal(verifications(), 11);
});

test('Authenticator.decide() counts attempts that come at once, and bounds those that wait', async (t) => {
  const { decide, verifications } = authenticator(t);
  const fromOne = await Promise.all(Array.from({ length: 100 }, (_, i) => decide(basic(`ann:guess ${i}`))));
  assert.equal(fromOne.filter((verdict) => verdict === 'refused').length, 10);
  const fromMany = await Promise.all(Array.from({ length: 100 }, (_, i) => decide(basic(`ann:try ${i}`), `10.0.0.${i}`)));
  assert.equal(fromMany.filter((verdict) => verdict === 'refused').length, 32);
  assert.equal(fromMany.filter((verdict) => typeof verdict === 'object' && verdict.retryAfterSeconds === 1).length, 68);
  assert.equal(verifications(), 42);
});

test('Authenticator.decide() verifies one password at a time', async (t) => {
  let running = 0;
  let most = 0;
  const { decide } = authenticator(t);
  t.mock.method(PasswordHash.prototype, 'verify', async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return false;
  });
  await Promise.all(Array.from({ length: 20 }, (_, i) => decide(basic(`ann:${i}`), `10.0.0.${i}`)));
  assert.equal(most, 1);
});

test('readAuthOptions() refuses what cannot be meant, and shows no secret', () => {
  const hash = hashOf('x');
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{}, /expected auth to have a user or a token, got none\. Leave auth out to let all in\.$/],
    [{ users: {} }, /got none/],
    [5, /expected auth to be an object, got 5\.$/],
    [{ user: {} }, /expected auth to have users, tokens, openPaths, got "user"/],
    ['hunter2', /expected auth to be an object, got a string\.$/],
    [{ users: 'hunter2' }, /names and hashes, got a string\.$/],
    [{ users: [hash] }, /expected auth\.users to be an object of names and hashes, got an array\.$/],
    [{ users: { ann: 'hunter2hunter2' } }, /expected the password of user "ann" to be a hash/],
    [{ users: { 'a:b': hash } }, /names without a colon, got "a:b"\.$/],
    [{ users: { ann: hash, bob: hashOf('x', 5) } }, /of one cost, got ln=4,r=8,p=1 and ln=5,r=8,p=1\. Hash them again/],
    [{ tokens: 'hunter2hunter2hunter2' }, /expected auth\.tokens to be an array of texts, got a string\.$/],
    [{ tokens: ['hunter2'] }, /of 16 characters or more, .* got another\. Make one: openssl rand -hex 32$/],
    [{ tokens: ['hunter2 hunter2 hunter2'] }, /got another/],
    [{ tokens: [7] }, /got 7 in it\.$/],
    [{ tokens: [TOKEN], openPaths: '/health' }, /expected auth\.openPaths to be an array of \/metrics, \/health, \/ready, \/, \/page.js, \/page.css, got "\/health"\.$/],
    [{ tokens: [TOKEN], openPaths: ['/healthz'] }, /got "\/healthz" in it\.$/],
  ];
  for (const [options, message] of bad) {
    assert.throws(
      () => readAuthOptions(options as object),
      (error: Error) => message.test(error.message) && !error.message.includes('hunter2'),
      JSON.stringify(options),
    );
  }
});
