import { checkOptions, checkSeconds, kindOf } from '../shared-options.ts';

/** TLS of a server, 1.2 at least. */
export interface TlsOptions {
  /** Certificate, with those of its issuers behind it: PEM, or the path of a file with it. */
  readonly cert: string | Uint8Array;
  /** Its private key: PEM, or the path of a file with it. */
  readonly key: string | Uint8Array;
  /** The passphrase of the key, if it is encrypted. */
  readonly passphrase?: string;
  /** Certificates of the authorities whose clients are let in, in the same form; without a certificate nobody is then. */
  readonly clientCa?: string | Uint8Array;
  /**
   * Names of the clients that are let in: common name, or an alternative name (DNS, URI, e-mail, IP address), letter for
   * letter. Others are answered with 403. Default: all whom `clientCa` vouches for.
   */
  readonly allowedClientNames?: readonly string[];
  /** How often files are looked at for a change, in seconds. Default 10. */
  readonly reloadSeconds?: number;
}

const KEYS = ['cert', 'key', 'passphrase', 'clientCa', 'allowedClientNames', 'reloadSeconds'];

/** Throws a TypeError or RangeError unless `options` may be meant as TLS options. Whether a key fits is seen at listening. */
export function checkTlsOptions(options: TlsOptions): void {
  checkOptions(options, KEYS, 'tls');
  const { cert, key, passphrase, clientCa, allowedClientNames, reloadSeconds } = options;
  for (const [name, value] of Object.entries({ cert, key, clientCa })) {
    if (typeof value === 'string' || value instanceof Uint8Array || (value === undefined && name === 'clientCa'))
      continue;
    refuse(`tls.${name} to be PEM or the path of a file`, value);
  }
  if (passphrase !== undefined && typeof passphrase !== 'string') refuse('tls.passphrase to be a string', passphrase);
  if (reloadSeconds !== undefined) checkSeconds(reloadSeconds, 'create a metrics server', 'tls.reloadSeconds');
  if (allowedClientNames === undefined) return;
  const isList = Array.isArray(allowedClientNames) && allowedClientNames.every((name) => typeof name === 'string');
  if (!isList) refuse('tls.allowedClientNames to be an array of strings', allowedClientNames);
  if (clientCa === undefined) refuse('tls.clientCa beside tls.allowedClientNames', clientCa);
}

function refuse(expected: string, got: unknown): never {
  throw new TypeError(`Cannot create a metrics server: expected ${expected}, got ${kindOf(got)}.`);
}
