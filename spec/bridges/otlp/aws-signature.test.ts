import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AwsSignatureOptions, awsSignature } from '../../../lib/bridges/otlp/index.ts';

// The test suite that AWS publishes for Signature Version 4: credentials, date, scope and signatures.

const OPTIONS: AwsSignatureOptions = {
  region: 'us-east-1',
  service: 'service',
  credentials: () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }),
  now: () => Date.UTC(2015, 7, 30, 12, 36, 0),
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const VECTORS = [
  ['get-vanilla', 'GET', '/', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '/', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    ...['GET', '/?Param2=value2&Param1=value1', {}, ''],
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-order-value',
    ...['GET', '/?Param1=value2&Param1=value1', {}, ''],
    '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  ],
  [
    'get-vanilla-utf8-query',
    ...['GET', '/?\u1234=bar', {}, ''],
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'post-vanilla-query',
    ...['POST', '/?Param1=value1', {}, ''],
    '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  ],
  [
    'post-x-www-form-urlencoded',
    ...['POST', '/', FORM, 'Param1=value1'],
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
] as const;

test('awsSignature() signs requests as the vectors that AWS publishes', async () => {
  for (const [name, method, path, headers, body, signature] of VECTORS) {
    const url = new URL(`https://example.amazonaws.com${path}`);
    const signed = await awsSignature(OPTIONS)({ method, url, headers, body: Buffer.from(body as string) } as never);
    assert.equal(signed['x-amz-date'], '20150830T123600Z');
    const names = 'content-type' in (headers as object) ? 'content-type;host;x-amz-date' : 'host;x-amz-date';
    const expected = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`;
    assert.equal(signed['authorization'], expected, name);
  }
});

test('awsSignature() sorts a query by names before values: a name may begin another', async () => {
  const { createHash, createHmac } = await import('node:crypto');
  const empty = createHash('sha256').update('').digest('hex');
  const canonical = `GET\n/\na=1&a-=2\nhost:a.example\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n${empty}`;
  const scope = '20150830/us-east-1/service/aws4_request';
  const hashed = createHash('sha256').update(canonical).digest('hex');
  let key: string | Buffer = 'AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  for (const part of [...scope.split('/'), `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${hashed}`])
    key = createHmac('sha256', key).update(part).digest();
  const request = { method: 'GET', url: new URL('https://a.example/?a-=2&a=1'), headers: {}, body: Buffer.alloc(0) };
  const { authorization } = await awsSignature(OPTIONS)(request as never);
  assert.equal(authorization!.slice(-64), (key as Buffer).toString('hex'));
});

test('awsSignature() signs the token of temporary credentials, and asks for credentials each time', async () => {
  let asked = 0;
  const credentials = () => ({ accessKeyId: `A${++asked}`, secretAccessKey: 's', sessionToken: 'token' });
  const sign = awsSignature({ ...OPTIONS, credentials });
  const request = { method: 'POST', url: new URL('https://a.example/'), headers: {}, body: Buffer.from('x') } as const;
  const first = await sign(request);
  assert.equal(first['x-amz-security-token'], 'token');
  assert.match(first['authorization']!, /Credential=A1\/.*SignedHeaders=host;x-amz-date;x-amz-security-token,/);
  assert.match((await sign(request))['authorization']!, /Credential=A2\//);
});

test('awsSignature() refuses a missing region', () => {
  assert.throws(() => awsSignature({ region: '' }), /expected region such as "eu-central-1", got ""/);
});
