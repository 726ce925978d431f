import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createCertificate } from './certificate.ts';

test('createCertificate() makes certificates that node:crypto reads and verifies', () => {
  const ca = createCertificate({ commonName: 'Test authority' });
  const alternativeNames = ['DNS:localhost', 'IP:127.0.0.1', 'URI:spiffe://a/b', 'email:a@b.example'];
  const leaf = createCertificate({ commonName: 'é', alternativeNames, issuer: ca });
  const [root, read] = [new X509Certificate(ca.cert), new X509Certificate(leaf.cert)];
  assert.equal(root.verify(root.publicKey), true);
  assert.equal(read.verify(root.publicKey), true);
  assert.equal(read.checkIssued(root), true);
  assert.equal(read.checkPrivateKey(createPrivateKey(leaf.key)), true);
  assert.equal(read.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, URI:spiffe://a/b, email:a@b.example');
  assert.equal(read.toLegacyObject().subject.CN, 'é');
  assert.ok(new Date(read.validFrom) < new Date() && new Date(read.validTo) > new Date());
});
