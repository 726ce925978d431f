import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { PasswordHash } from '../../../lib/server/guard/auth-options.ts';

/** A hash by node:crypto itself, cheap to verify. */
function hashOf(password: string, { ln = 4, r = 8, p = 1, salt = 'salt of sixteen!' } = {}): string {
  const key = scryptSync(password, salt, 32, { N: 2 ** ln, r, p });
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${ln},r=${r},p=${p}$${text(Buffer.from(salt))}$${text(key)}`;
}

test('PasswordHash.create() makes a hash that its password verifies, and no other', async () => {
  const hash = await PasswordHash.create('correct horse');
  assert.match(String(hash), /^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const read = PasswordHash.parse(String(hash), 'it');
  assert.equal(String(read), String(hash));
  assert.deepEqual([await read.verify('correct horse'), await read.verify('correct horsf')], [true, false]);
});

test('PasswordHash.create() takes a new salt each time', async () => {
  assert.notEqual(String(await PasswordHash.create('same')), String(await PasswordHash.create('same')));
});

test('PasswordHash.verify() agrees with scrypt of node:crypto, whatever the parameters', async () => {
  for (const cost of [
    { ln: 1 },
    { ln: 5, r: 1, p: 3 },
    { ln: 4, r: 16 },
    { salt: 'a salt of thirty-two characters.' },
  ]) {
    const hash = PasswordHash.parse(hashOf('påss "word"', cost), 'it');
    assert.equal(await hash.verify('påss "word"'), true);
    assert.equal(await hash.verify('pass "word"'), false);
  }
});

test('PasswordHash.verify() takes the two spellings of an accented letter for one', async () => {
  const hash = PasswordHash.parse(hashOf('caf\u00e9'), 'it');
  assert.equal(await hash.verify('cafe\u0301'), true);
});

test('PasswordHash.parse() refuses what is no hash, and shows nothing of it', () => {
  const secrets = ['hunter2hunter2', '$2b$10$abcdefghijklmnopqrstuv', hashOf('x').slice(0, -30), `${hashOf('x')}$`, ''];
  for (const secret of secrets) {
    assert.throws(() => PasswordHash.parse(secret, 'the password of user "a"'), {
      name: 'SyntaxError',
      message:
        'Cannot create a metrics server: expected the password of user "a" to be a hash such as ' +
        '$scrypt$ln=14,r=8,p=5$…$…, got text in another format. Make one: npx @finpilot/metrics hash-password',
    });
  }
  assert.throws(() => PasswordHash.parse(5, 'it'), { name: 'TypeError', message: /got 5\. Make one/ });
});

test('PasswordHash.parse() refuses a hash that would need more than 256 MiB, or no work at all', () => {
  for (const cost of ['ln=20,r=8,p=1', 'ln=14,r=200,p=1', 'ln=0,r=8,p=1', 'ln=14,r=0,p=1', 'ln=14,r=8,p=0']) {
    const text = hashOf('x').replace('ln=4,r=8,p=1', cost);
    assert.throws(() => PasswordHash.parse(text, 'it'), { name: 'RangeError', message: /which is out of range/ });
  }
});
