import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TlsFiles, TlsReload } from '../../../lib/server/guard/tls-files.ts';
import { createCertificate } from '../../support/certificate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { collectWarnings } from '../warnings.ts';

const PEM = createCertificate({ commonName: 'localhost' });

/** Text before the PEM is allowed, and tells the certificates of this spec apart. */
function certificate(label: string): string {
  return `${label}\n${PEM.cert}`;
}

function key(label: string): string {
  return `${label}\n${PEM.key}`;
}

function labelOf(pem: Buffer): string {
  return String(pem).split('\n')[0]!;
}

/** A reload of two files for a server that records what it is given, and refuses a certificate that says so. */
async function reloadOf(t: TestContext) {
  const folder = temporaryFolder(t);
  const [cert, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, certificate('cert 1'));
  writeFileSync(keyFile, key('key 1'));
  const files = new TlsFiles({ cert, key: keyFile });
  const given: string[] = [];
  const server = {
    setSecureContext(options: { cert: Buffer; key: Buffer }) {
      if (String(options.cert).startsWith('broken')) throw new Error('no such certificate');
      given.push(`${labelOf(options.cert)} ${labelOf(options.key)}`);
    },
  } as unknown as Server;
  const reload = new TlsReload(server, files, await files.state(), 1000);
  t.after(() => reload.stop());
  return { folder, cert, keyFile, given, reload, warnings: collectWarnings(t) };
}

test('TlsReload.look() gives the server changed files when they are the same at two looks, once', async (t) => {
  const { cert, keyFile, given, reload } = await reloadOf(t);
  await reload.look();
  await reload.look();
  assert.deepEqual(given, []);
  writeFileSync(cert, certificate('cert two'));
  await reload.look();
  writeFileSync(keyFile, key('key two'));
  await reload.look();
  assert.deepEqual(given, []);
  await reload.look();
  await reload.look();
  assert.deepEqual(given, ['cert two key two']);
});

test('TlsReload.look() keeps the old files while the new ones are broken or gone, tells it once, and recovers', async (t) => {
  const { cert, given, reload, warnings } = await reloadOf(t);
  writeFileSync(cert, certificate('broken cert'));
  for (let i = 0; i < 4; i++) await reload.look();
  assert.deepEqual(warnings, ['The new TLS files cannot be used, the old ones stay in use: no such certificate']);
  rmSync(cert);
  for (let i = 0; i < 4; i++) await reload.look();
  assert.match(warnings[1]!, /^The new TLS files cannot be used, .* expected tls\.cert to be .*, got ENOENT$/);
  assert.deepEqual([warnings.length, given], [2, []]);
  writeFileSync(cert, certificate('cert three'));
  for (let i = 0; i < 3; i++) await reload.look();
  assert.deepEqual([warnings.length, given], [2, ['cert three key 1']]);
});

test('TlsReload.look() sees that a link leads elsewhere, as in Kubernetes', async (t) => {
  const { folder, cert, given, reload } = await reloadOf(t);
  const before = join(folder, 'before.pem');
  renameSync(cert, before);
  symlinkSync(before, cert);
  const after = join(folder, 'after.pem');
  writeFileSync(after, certificate('cert 9'));
  const link = join(folder, 'link');
  symlinkSync(after, link);
  renameSync(link, cert);
  for (let i = 0; i < 2; i++) await reload.look();
  assert.deepEqual(given, ['cert 9 key 1']);
});

test('TlsReload looks at the files in its interval until it is stopped', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const files = { state: t.mock.fn(async () => 'same') } as unknown as TlsFiles & {
    state: { mock: { callCount(): number } };
  };
  const reload = new TlsReload({} as Server, files, 'same', 10);
  reload.start();
  t.mock.timers.tick(35_000);
  assert.equal(files.state.mock.callCount(), 3);
  reload.stop();
  t.mock.timers.tick(35_000);
  assert.equal(files.state.mock.callCount(), 3);
});

test('TlsReload.look() keeps the old clientCa when the new file holds no certificate, and warns', async (t) => {
  const { cert, keyFile } = await reloadOf(t);
  const warnings = collectWarnings(t);
  const clientCa = `${cert}.ca`;
  writeFileSync(clientCa, certificate('ca'));
  const files = new TlsFiles({ cert, key: keyFile, clientCa });
  const given: unknown[] = [];
  const reload = new TlsReload(
    { setSecureContext: (options: unknown) => given.push(options) } as unknown as Server,
    files,
    await files.state(),
    1000,
  );
  const broken = [
    '',
    ' \n',
    'no certificate',
    PEM.key,
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    PEM.cert.slice(0, 200),
  ];
  for (const [i, content] of broken.entries()) {
    writeFileSync(clientCa, content);
    for (let look = 0; look < 3; look++) await reload.look();
    assert.equal(warnings.length, i + 1, JSON.stringify(content));
    assert.match(
      warnings[i]!,
      /expected tls\.clientCa to hold (a PEM certificate, got none|PEM certificates, got one that cannot be read)/,
    );
  }
  assert.deepEqual(given, []);
  writeFileSync(clientCa, certificate('another ca'));
  for (let look = 0; look < 2; look++) await reload.look();
  assert.equal(given.length, 1);
});
