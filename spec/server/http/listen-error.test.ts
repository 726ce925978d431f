import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenError } from '../../../lib/server/http/open-server.ts';

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`listen ${code}`), { code });
}

test('listenError() names port and host, says what is wrong and what to do', () => {
  const messages = [
    listenError(systemError('EADDRINUSE'), 8000, undefined),
    listenError(systemError('EACCES'), 80, '0.0.0.0'),
    listenError(systemError('EADDRNOTAVAIL'), 8000, '192.0.2.1'),
    listenError(systemError('ENOTFOUND'), 8000, 'no.such.host'),
    listenError(systemError('EMFILE'), 8000, '::1'),
    listenError(new Error('odd'), 8000, '::1'),
  ].map((error) => error.message);
  assert.deepEqual(messages, [
    'Cannot serve metrics on port 8000 of all interfaces: expected a free port, got one that is taken (EADDRINUSE). ' +
      'Stop what listens there, choose another port than 8000, or 0 for any free one.',
    'Cannot serve metrics on port 80 of host "0.0.0.0": permission denied (EACCES): ' +
      'ports below 1024 need privileges. Choose a port above 1023.',
    'Cannot serve metrics on port 8000 of host "192.0.2.1": expected a host name or address of this machine, ' +
      'got one that is not (EADDRNOTAVAIL). Leave host out to listen on all interfaces.',
    'Cannot serve metrics on port 8000 of host "no.such.host": expected a host name or address of this machine, ' +
      'got one that is not (ENOTFOUND). Leave host out to listen on all interfaces.',
    'Cannot serve metrics on port 8000 of host "::1": expected to listen there, got EMFILE (listen EMFILE). ' +
      'Choose another port or host.',
    'Cannot serve metrics on port 8000 of host "::1": expected to listen there, got an error (odd). ' +
      'Choose another port or host.',
  ]);
});

test('listenError() keeps code and cause', () => {
  const cause = systemError('EADDRINUSE');
  const error = listenError(cause, 8000, undefined) as NodeJS.ErrnoException;
  assert.equal(error.code, 'EADDRINUSE');
  assert.equal(error.cause, cause);
});
