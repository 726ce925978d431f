import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { PeerCertificate } from 'node:tls';
import { certificateNames } from '../../../lib/server/guard/tls-server.ts';
import { createCertificate } from '../../support/certificate.ts';

function namesOf(commonName: string, ...alternativeNames: string[]): readonly string[] {
  const { cert } = createCertificate({ commonName, alternativeNames });
  return certificateNames(new X509Certificate(cert).toLegacyObject() as unknown as PeerCertificate);
}

test('certificateNames() are the common name and the alternative names', () => {
  assert.deepEqual(namesOf('a name'), ['a name']);
  assert.deepEqual(namesOf('a', 'DNS:b.example', 'IP:192.0.2.1', 'URI:spiffe://c/d', 'email:e@f.example'), [
    'a',
    'b.example',
    '192.0.2.1',
    'spiffe://c/d',
    'e@f.example',
  ]);
});

test('certificateNames() keep a value with commas, quotes or backslashes in one piece', () => {
  for (const value of ['http://x/, DNS:b', 'http://x/", DNS:b', 'http://x/\\", DNS:b', ', DNS:b', '"']) {
    assert.deepEqual(namesOf('a', `URI:${value}`, 'DNS:c'), ['a', value, 'c']);
  }
});

test('certificateNames() of no certificate are none', () => {
  assert.deepEqual(certificateNames({} as PeerCertificate), []);
});
