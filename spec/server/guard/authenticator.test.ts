import assert from 'node:assert/strict';
import { scrypt, scryptSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type AuthOptions, PasswordHash, readAuthOptions } from '../../../lib/server/guard/auth-options.ts';
import { Authenticator, type Connection, type Verdict } from '../../../lib/server/guard/authenticator.ts';

const TOKEN = '0123456789abcdef-token';

function hashOf(password: string, ln = 4): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  const key = scryptSync(password, 'salt of sixteen!', 32, { N: 2 ** ln, r: 8, p: 1 });
  return `$scrypt$ln=${ln},r=8,p=1$${text(Buffer.from('salt of sixteen!'))}$${text(key)}`;
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** An authenticator on a clock that is set by hand, with a user and a token; its clients, and how many passwords it has verified. */
function authenticator(
  t: TestContext,
  options: AuthOptions = { users: { ann: hashOf('s3cret:word') }, tokens: [TOKEN] },
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const verify = t.mock.method(PasswordHash.prototype, 'verify');
  const clock = { milliseconds: 0 };
  const authenticator = new Authenticator(readAuthOptions(options), () => clock.milliseconds);
  /** Each request comes on a connection of its own unless `connection` is given. */
  const decide = (
    header: string | undefined,
    remoteAddress = '192.0.2.1',
    connection: Connection = { remoteAddress, destroyed: false },
  ) => authenticator.decide(header, connection);
  const advance = async (milliseconds: number): Promise<void> => {
    for (let i = 0; i < milliseconds; i += 50) {
      clock.milliseconds += 50;
      t.mock.timers.tick(50);
      await settled();
    }
  };
  const advanceAtOnce = (milliseconds: number): void => {
    clock.milliseconds += milliseconds;
    t.mock.timers.tick(milliseconds);
  };
  return { decide, advance, advanceAtOnce, verifications: () => verify.mock.callCount() };
}

/** Resolves when the verifications that may begin now have ended. */
async function settled(): Promise<void> {
  // A cheap scrypt of another thread needs a few turns of the loop, and each may begin the next.
  for (let i = 0; i < 3; i++)
    await new Promise((resolve) => scrypt('x', 'y', 16, { N: 16 }, () => setImmediate(resolve)));
}

const RIGHT = basic('ann:s3cret:word');
const TURNED_AWAY = { retryAfterSeconds: 1 };

test('Authenticator.decide() accepts the password of a user and a token', async (t) => {
  const { decide } = authenticator(t);
  for (const header of [RIGHT, `bearer ${TOKEN}`, `Bearer  ${TOKEN} `]) {
    assert.equal(await decide(header), 'accepted', header);
  }
});

test('Authenticator.decide() refuses everything else', async (t) => {
  const { decide } = authenticator(t);
  const wrong = [
    undefined,
    '',
    'Basic',
    'Bearer',
    basic('ann:s3cret'),
    basic('ann:'),
    basic('ann'),
    basic(':s3cret:word'),
    basic('bob:s3cret:word'),
    basic('__proto__:s3cret:word'),
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Digest ${TOKEN}`,
    TOKEN,
    `Bearer ${TOKEN} ${TOKEN}`,
    'Basic ====',
    basic('\0:\0'),
    `Basic ${'A'.repeat(10_000)}`,
    'Bearer é',
    basic('ann:s3cret:word\0'),
  ];
  for (const [i, header] of wrong.entries()) assert.equal(await decide(header, `192.0.2.${i}`), 'refused', header);
});

test('Authenticator.decide() verifies a password once, right or wrong, however often and however many at once present it', async (t) => {
  const { decide, verifications } = authenticator(t);
  for (const [header, expected] of [
    [RIGHT, 'accepted'],
    [basic('ann:wrong'), 'refused'],
  ] as const) {
    const before = verifications();
    const verdicts = await Promise.all(Array.from({ length: 50 }, (_, i) => decide(header, `192.0.2.${i}`)));
    for (let i = 0; i < 50; i++) verdicts.push(await decide(header));
    assert.deepEqual(new Set(verdicts), new Set([expected]));
    assert.equal(verifications() - before, 1);
  }
});

test('Authenticator.decide() takes the spellings of a password, in base64 and in Unicode, for one', async (t) => {
  const { decide, verifications } = authenticator(t, { users: { ann: hashOf('caf\u00e9') } });
  const spellings = [
    basic('ann:caf\u00e9'),
    basic('ann:cafe\u0301'),
    `basic   ${basic('ann:caf\u00e9').slice(6).replaceAll('=', '')} `,
  ];
  for (const spelling of spellings) assert.equal(await decide(spelling), 'accepted');
  assert.equal(verifications(), 1);
});

test('Authenticator.decide() does not take the spellings of a name for one', async (t) => {
  const { decide } = authenticator(t, { users: { 'ren\u00e9': hashOf('s3cret') } });
  assert.equal(await decide(basic('rene\u0301:s3cret')), 'refused');
  assert.equal(await decide(basic('ren\u00e9:s3cret')), 'accepted');
  assert.equal(await decide(basic('rene\u0301:s3cret')), 'refused');
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

test('Authenticator.decide() accepts tokens at once, and refuses others, whatever passwords wait', async (t) => {
  const { decide, advance } = authenticator(t);
  const guesses = Array.from({ length: 200 }, (_, i) => decide(basic(`ann:guess ${i}`)));
  const verdicts = await Promise.all(
    Array.from({ length: 200 }, (_, i) => decide(`Bearer ${i % 2 === 0 ? TOKEN : `wrong-${i}`}`)),
  );
  assert.deepEqual(
    verdicts,
    Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'accepted' : 'refused')),
  );
  await advance(2000);
  await Promise.all(guesses);
});

test('Authenticator.decide() turns an address away after ten wrong passwords, after a second, but not who was let in before', async (t) => {
  const { decide, advance, verifications } = authenticator(t);
  assert.equal(await decide(RIGHT), 'accepted');
  for (let i = 0; i < 9; i++) assert.equal(await decide(basic(`ann:wrong ${i}`)), 'refused');
  let verdict: Verdict | undefined;
  void decide(basic('ann:wrong')).then((value) => (verdict = value));
  await advance(950);
  assert.equal(verdict, undefined);
  await advance(50);
  assert.deepEqual(verdict, TURNED_AWAY);
  assert.equal(await decide(RIGHT), 'accepted');
  assert.equal(await decide(basic('ann:elsewhere'), '192.0.2.9'), 'refused');
  assert.equal(verifications(), 11);
});

test('Authenticator.decide() counts attempts that come at once', async (t) => {
  const { decide, advance, verifications } = authenticator(t);
  const verdicts = Promise.all(Array.from({ length: 100 }, (_, i) => decide(basic(`ann:guess ${i}`))));
  await advance(2000);
  assert.equal((await verdicts).filter((verdict) => verdict === 'refused').length, 10);
  assert.equal(verifications(), 10);
});

test('Authenticator.decide() verifies a password that comes back after it was turned away', async (t) => {
  const { decide, advance } = authenticator(t);
  for (let i = 0; i < 10; i++) await decide(basic(`ann:wrong ${i}`));
  const first = decide(RIGHT);
  await advance(1000);
  assert.deepEqual(await first, TURNED_AWAY);
  assert.equal(await decide(RIGHT), 'accepted');
});

test('Authenticator.decide() does not remember a password whose connection does not wait', async (t) => {
  const { decide, advance } = authenticator(t);
  for (let i = 0; i < 10; i++) await decide(basic(`ann:wrong ${i}`));
  const connection = { remoteAddress: '192.0.2.1', destroyed: false };
  void decide(basic('ann:fast'), undefined, connection);
  connection.destroyed = true;
  await advance(1000);
  const second = decide(basic('ann:fast'));
  await advance(1000);
  assert.deepEqual(await second, TURNED_AWAY);
});

test('Authenticator.decide() looks at one password of a pipeline at a time', async (t) => {
  const { decide, advance, verifications } = authenticator(t);
  const connection = { remoteAddress: '192.0.2.1', destroyed: false };
  const verdicts = await Promise.all(
    Array.from({ length: 100 }, (_, i) => decide(basic(`ann:guess ${i}`), undefined, connection)),
  );
  assert.equal(verifications(), 1);
  assert.deepEqual(verdicts, ['refused', ...Array<Verdict>(99).fill(TURNED_AWAY)]);
  // Those that were not looked at have not been turned away for good, nor remembered.
  for (let i = 0; i < 9; i++) await decide(basic(`ann:wrong ${i}`));
  const again = decide(basic('ann:guess 50'));
  await advance(1000);
  assert.deepEqual(await again, TURNED_AWAY);
});

/** How long a client that retries every second takes to be let in, in milliseconds, while `attack` goes on. */
async function millisecondsUntilAccepted(
  t: TestContext,
  attack: (decide: ReturnType<typeof authenticator>['decide']) => void,
) {
  const { decide, advance, verifications } = authenticator(t);
  // Guessing has gone on for ten seconds when the client comes, the hash of whose password has never been verified.
  for (let elapsed = 0; elapsed < 10_000; elapsed += 50) {
    attack(decide);
    await advance(50);
  }
  const isRight = { value: false };
  for (let elapsed = 0; elapsed < 60_000; elapsed += 50) {
    if (elapsed % 2000 === 0)
      void decide(RIGHT, '192.0.2.1').then((verdict) => (isRight.value ||= verdict === 'accepted'));
    attack(decide);
    await advance(50);
    if (isRight.value) return { milliseconds: elapsed, verifications: verifications() };
  }
  return { milliseconds: Infinity, verifications: verifications() };
}

test('Authenticator.decide() lets the right password in within seconds while its address guesses', async (t) => {
  let guess = 0;
  const { milliseconds } = await millisecondsUntilAccepted(t, (decide) => {
    for (let i = 0; i < 20; i++) void decide(basic(`ann:guess ${guess++}`));
  });
  assert.ok(milliseconds <= 4000, `${milliseconds} ms`);
});

test('Authenticator.decide() lets the right password in within seconds while a thousand addresses guess', async (t) => {
  let guess = 0;
  const { milliseconds } = await millisecondsUntilAccepted(t, (decide) => {
    for (let i = 0; i < 20; i++) void decide(basic(`ann:guess ${guess}`), `10.0.${(guess >> 8) % 4}.${guess++ & 255}`);
  });
  assert.ok(milliseconds <= 4000, `${milliseconds} ms`);
});

test('Authenticator.decide() lets the right password in within seconds while every guess comes from another address', async (t) => {
  let guess = 0;
  const { milliseconds } = await millisecondsUntilAccepted(t, (decide) => {
    for (let i = 0; i < 20; i++)
      void decide(basic(`ann:guess ${guess}`), `10.${guess >> 16}.${(guess >> 8) & 255}.${guess++ & 255}`);
  });
  assert.ok(milliseconds <= 4000, `${milliseconds} ms`);
});

test('Authenticator.decide() lets the right password in after the guesses that were there before, if those come back as well', async (t) => {
  // Twelve connections that repeat a guess until it is verified, and then go on to the next.
  const guesses = Array.from({ length: 12 }, (_, i) => ({ next: i, isWaiting: false }));
  const { milliseconds } = await millisecondsUntilAccepted(t, (decide) => {
    for (const state of guesses) {
      if (state.isWaiting) continue;
      state.isWaiting = true;
      void decide(basic(`ann:guess ${state.next}`)).then((verdict) => {
        state.isWaiting = false;
        if (verdict === 'refused') state.next += guesses.length;
      });
    }
  });
  assert.ok(milliseconds <= 12_000, `${milliseconds} ms`);
});

test('Authenticator.decide() bounds the verifications of a flood: twenty at once, then two a second', async (t) => {
  const { decide, advance, verifications } = authenticator(t);
  let guess = 0;
  for (let elapsed = 0; elapsed < 20_000; elapsed += 50) {
    for (let i = 0; i < 5; i++) {
      void decide(basic(`ann:guess ${guess % 500}`), `10.0.0.${guess % 250}`);
      guess++;
    }
    await advance(50);
  }
  assert.ok(verifications() <= 20 + 40, `${verifications()} verifications`);
  assert.ok(verifications() >= 50, `${verifications()} verifications`);
});

test('Authenticator.decide() remembers a thousand wrong passwords', async (t) => {
  const { decide, advanceAtOnce, verifications } = authenticator(t);
  const present = async (guess: number): Promise<void> => {
    advanceAtOnce(60_000); // neither credit nor pace is used up
    assert.equal(await decide(basic(`ann:guess ${guess}`)), 'refused');
  };
  for (let guess = 0; guess <= 1000; guess++) await present(guess);
  assert.equal(verifications(), 1001);
  await present(1000);
  assert.equal(verifications(), 1001);
  await present(0);
  assert.equal(verifications(), 1002);
});

test('Authenticator.decide() remembers sixteen thousand passwords that were turned away', async (t) => {
  const { decide, advance, advanceAtOnce } = authenticator(t);
  for (let i = 0; i < 10; i++) await decide(basic(`ann:wrong ${i}`));
  const turnedAway = Array.from({ length: 16_385 }, (_, i) => decide(basic(`ann:guess ${i}`)));
  advanceAtOnce(1000);
  assert.deepEqual(
    new Set((await Promise.all(turnedAway)).map((verdict) => JSON.stringify(verdict))),
    new Set([JSON.stringify(TURNED_AWAY)]),
  );
  assert.equal(await decide(basic('ann:guess 16384')), 'refused');
  const forgotten = decide(basic('ann:guess 0'));
  await advance(1000);
  assert.deepEqual(await forgotten, TURNED_AWAY);
});

test('Authenticator.decide() gives the place of a password whose client has gone to another', async (t) => {
  const { decide, advance, verifications } = authenticator(t);
  const connections = Array.from({ length: 33 }, (_, i) => ({ remoteAddress: `10.0.0.${i}`, destroyed: false }));
  const verdicts = connections.map((connection, i) => decide(basic(`ann:guess ${i}`), undefined, connection));
  // One is being verified and 32 wait. Nobody waits for these any more.
  for (const connection of connections) connection.destroyed = true;
  assert.equal(await decide(RIGHT), 'accepted');
  await advance(6000);
  await Promise.all(verdicts);
  assert.equal(verifications(), 2);
});

test('Authenticator.decide() verifies a password as long as one of several clients waits for it', async (t) => {
  const { decide } = authenticator(t);
  void decide(basic('ann:guess'));
  const connections = Array.from({ length: 2 }, () => ({ remoteAddress: '192.0.2.1', destroyed: false }));
  const [, second] = connections.map((connection) => decide(RIGHT, undefined, connection));
  connections[0]!.destroyed = true;
  assert.equal(await second, 'accepted');
});

test('Authenticator.decide() makes room for an address with fewer attempts, and keeps no more than 32 waiting', async (t) => {
  const { decide, advance } = authenticator(t);
  const guesses = Array.from({ length: 40 }, (_, i) => decide(basic(`ann:guess ${i}`), `10.0.0.${i % 8}`));
  let turnedAway = 0;
  for (const guess of guesses) void guess.then((verdict) => (turnedAway += typeof verdict === 'object' ? 1 : 0));
  const verdict = decide(RIGHT, '192.0.2.1');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(turnedAway, 1); // one is being verified, 32 wait, and 7 are being delayed
  assert.equal(await verdict, 'accepted');
  await advance(6000);
  await Promise.all(guesses);
  assert.ok(turnedAway >= 8);
});

test('Authenticator.decide() verifies the newest first of addresses with equally few attempts', async (t) => {
  const { decide, advance } = authenticator(t);
  const order: number[] = [];
  const guesses = Array.from({ length: 10 }, (_, i) =>
    decide(basic(`ann:guess ${i}`), `10.0.0.${i}`).then(() => order.push(i)),
  );
  await advance(1000);
  await Promise.all(guesses);
  assert.deepEqual(order, [0, 9, 8, 7, 6, 5, 4, 3, 2, 1]); // the first did not have to wait
});

test('Authenticator.decide() counts a password as back if it is presented again while it waits', async (t) => {
  const { decide, advance } = authenticator(t);
  for (let i = 0; i < 20; i++) await decide(basic(`ann:guess ${i}`), `10.1.0.${i}`);
  let [guess, isAccepted] = [0, false];
  // Of guesses from new addresses the newest is always first, so that the right password, which is there before, is last.
  for (let elapsed = 0; elapsed < 4000 && !isAccepted; elapsed += 50) {
    if (elapsed === 100 || elapsed === 2000)
      void decide(RIGHT).then((verdict) => (isAccepted ||= verdict === 'accepted'));
    void decide(basic(`ann:late ${guess}`), `10.2.0.${guess++}`);
    await advance(50);
  }
  assert.equal(isAccepted, true);
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

test('Authenticator.decide() rejects when a password cannot be verified, and verifies the next', async (t) => {
  const { decide } = authenticator(t);
  const failing = t.mock.method(PasswordHash.prototype, 'verify', () => Promise.reject(new Error('no memory')));
  await assert.rejects(decide(RIGHT), { message: 'no memory' });
  failing.mock.restore();
  assert.equal(await decide(RIGHT), 'accepted');
});

test('readAuthOptions() throws on invalid options, and shows no secret', () => {
  const hash = hashOf('x');
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{}, /expected auth to have a user or a token, got none\. Omit auth to admit everybody\.$/],
    [{ users: {} }, /got none/],
    [5, /expected auth to be an object, got 5\.$/],
    [{ user: {} }, /expected auth to have users, tokens, openPaths, got "user"/],
    ['hunter2', /expected auth to be an object, got a string\.$/],
    [{ users: 'hunter2' }, /names and hashes, got a string\.$/],
    [{ users: [hash] }, /expected auth\.users to be an object of names and hashes, got an array\.$/],
    [{ users: { ann: 'hunter2hunter2' } }, /expected the password of user "ann" to be a hash/],
    [{ users: { 'a:b': hash } }, /names without a colon, got "a:b"\.$/],
    [
      { users: { ann: hash, bob: hashOf('x', 5) } },
      /to have the same cost, got ln=4,r=8,p=1 and ln=5,r=8,p=1\. Hash them again/,
    ],
    [{ tokens: 'hunter2hunter2hunter2' }, /expected auth\.tokens to be an array of strings, got a string\.$/],
    [{ tokens: ['hunter2'] }, /of at least 16 letters, .* got an invalid one\. Make one: openssl rand -hex 32$/],
    [{ tokens: ['hunter2 hunter2 hunter2'] }, /got an invalid one/],
    [{ tokens: [7] }, /got 7 in it\.$/],
    [
      { tokens: [TOKEN], openPaths: '/health' },
      /expected auth\.openPaths to be an array of \/metrics, \/health, \/ready, \/, \/page.js, \/page.css, got "\/health"\.$/,
    ],
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
