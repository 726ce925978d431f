import assert from 'node:assert/strict';
import { writeFileSync, rmSync, symlinkSync, renameSync } from 'node:fs';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { TlsFiles } from '../../../lib/server/tls/tls-files.ts';
import { TlsReload } from '../../../lib/server/tls/tls-reload.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { collectWarnings } from '../warnings.ts';

/** A reload of two files for a server that records what it is given, and refuses a certificate that says so. */
async function reloadOf(t: TestContext) {
  const folder = temporaryFolder(t);
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, 'cert 1');
  writeFileSync(key, 'key 1');
  const files = new TlsFiles({ cert, key });
  const given: string[] = [];
  const server = {
    setSecureContext(options: { cert: Buffer; key: Buffer }) {
      if (String(options.cert).startsWith('broken')) throw new Error('no such certificate');
      given.push(`${options.cert} ${options.key}`);
    },
  } as unknown as Server;
  const reload = new TlsReload(server, files, await files.state(), 1000);
  t.after(() => reload.stop());
  return { folder, cert, key, given, reload, warnings: collectWarnings(t) };
}

test('TlsReload.look() gives the server changed files when they are the same at two looks, once', async (t) => {
  const { cert, key, given, reload } = await reloadOf(t);
  await reload.look();
  await reload.look();
  assert.deepEqual(given, []);
  writeFileSync(cert, 'cert two');
  await reload.look();
  writeFileSync(key, 'key two');
  await reload.look();
  assert.deepEqual(given, []);
  await reload.look();
  await reload.look();
  assert.deepEqual(given, ['cert two key two']);
});

test('TlsReload.look() keeps the old files while the new ones are broken or gone, tells it once, and recovers', async (t) => {
  const { cert, given, reload, warnings } = await reloadOf(t);
  writeFileSync(cert, 'broken cert');
  for (let i = 0; i < 4; i++) await reload.look();
  assert.deepEqual(warnings, ['The new TLS files cannot be used, the old ones stay in use: no such certificate']);
  rmSync(cert);
  for (let i = 0; i < 4; i++) await reload.look();
  assert.match(warnings[1]!, /^The new TLS files cannot be used, .* expected tls\.cert to be .*, got ENOENT$/);
  assert.deepEqual([warnings.length, given], [2, []]);
  writeFileSync(cert, 'cert three');
  for (let i = 0; i < 3; i++) await reload.look();
  assert.deepEqual([warnings.length, given], [2, ['cert three key 1']]);
});

test('TlsReload.look() sees that a link leads elsewhere, as in Kubernetes', async (t) => {
  const { folder, cert, given, reload } = await reloadOf(t);
  const before = join(folder, 'before.pem');
  renameSync(cert, before);
  symlinkSync(before, cert);
  const after = join(folder, 'after.pem');
  writeFileSync(after, 'cert 9');
  const link = join(folder, 'link');
  symlinkSync(after, link);
  renameSync(link, cert);
  for (let i = 0; i < 2; i++) await reload.look();
  assert.deepEqual(given, ['cert 9 key 1']);
});

test('TlsReload looks at the files in its interval until it is stopped', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const files = { state: t.mock.fn(async () => 'same') } as unknown as TlsFiles & { state: { mock: { callCount(): number } } };
  const reload = new TlsReload({} as Server, files, 'same', 10);
  reload.start();
  t.mock.timers.tick(35_000);
  assert.equal(files.state.mock.callCount(), 3);
  reload.stop();
  t.mock.timers.tick(35_000);
  assert.equal(files.state.mock.callCount(), 3);
});
