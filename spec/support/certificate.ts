import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** What a certificate says. */
export interface CertificateOptions {
  readonly commonName: string;
  /** Alternative names, written `DNS:a`, `URI:a`, `email:a` or `IP:a` (IPv4). */
  readonly alternativeNames?: readonly string[];
  /** Who signs it; itself unless given. */
  readonly issuer?: Certificate;
  /** When it ends; in an hour unless given. */
  readonly expires?: Date;
}

/** A certificate and its private key, in PEM. */
export interface Certificate {
  readonly commonName: string;
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const HOUR_MILLISECONDS = 3_600_000;
const NAME_TAGS: Readonly<Record<string, number>> = { email: 0x81, DNS: 0x82, URI: 0x86, IP: 0x87 };

/**
 * Makes a certificate for tests, valid from an hour ago, with a new key on the curve P-256. Whoever issues others may do
 * so: each is an authority. RFC 5280, section 4.1.
 */
export function createCertificate(options: CertificateOptions): Certificate {
  const { commonName, alternativeNames = [], issuer, expires = new Date(Date.now() + HOUR_MILLISECONDS) } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const extensions = [
    extension('2.5.29.19', sequence(tlv(0x01, Buffer.from([0xff])))),
    ...(alternativeNames.length === 0 ? [] : [extension('2.5.29.17', sequence(...alternativeNames.map(generalName)))]),
  ];
  const toBeSigned = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer?.commonName ?? commonName),
    sequence(time(new Date(Date.now() - HOUR_MILLISECONDS)), time(expires)),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const der = sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(sign('sha256', toBeSigned, signer)));
  const base64 = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return {
    commonName,
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Tag, length, value. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

/** The bytes of a positive number, the first below 0x80. */
function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), bytes);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(commonName)))));
}

function generalName(name: string): Buffer {
  const colon = name.indexOf(':');
  const [kind, value] = [name.slice(0, colon), name.slice(colon + 1)];
  const bytes = kind === 'IP' && isIP(value) === 4 ? Buffer.from(value.split('.').map(Number)) : Buffer.from(value);
  return tlv(NAME_TAGS[kind]!, bytes);
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

/** UTCTime, which ends in 2049. */
function time(date: Date): Buffer {
  return tlv(
    0x17,
    Buffer.from(
      `${date
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  );
}
