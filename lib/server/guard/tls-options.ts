import { checkOptions, checkSeconds, kindOf } from '../common-options.ts';

/** Options for TLS 1.2 and later. */
export interface TlsOptions {
  /** Certificate chain, the server's own certificate first: PEM, or the path of a PEM file. */
  readonly cert: string | Uint8Array;
  /** Private key of the certificate: PEM, or the path of a PEM file. */
  readonly key: string | Uint8Array;
  /** The passphrase of the key, if it is encrypted. */
  readonly passphrase?: string;
  /**
   * Certificates of the authorities that sign client certificates, in the same form. Clients then need a certificate.
   */
  readonly clientCa?: string | Uint8Array;
  /**
   * Names of the clients to admit: a common name or an alternative name (DNS, URI, e-mail, IP address), compared
   * exactly. Others get 403. Default: every client with a certificate signed by `clientCa`.
   */
  readonly allowedClientNames?: readonly string[];
  /** How often to check the files for changes, in seconds. Default 10. */
  readonly reloadSeconds?: number;
}

const KEYS = ['cert', 'key', 'passphrase', 'clientCa', 'allowedClientNames', 'reloadSeconds'];

/**
 * Throws a TypeError or RangeError if the options are invalid. `listen()` checks whether the key fits the certificate.
 */
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

/** Returns the options with absolute paths: the program may change its working directory before the files are read again. */
export function withAbsolutePaths(options: TlsOptions): TlsOptions {
  const { resolve } = process.getBuiltinModule('node:path');
  const files = (['cert', 'key', 'clientCa'] as const).flatMap((name) => {
    const source = options[name];
    return isPath(source) ? [[name, resolve(source)]] : [];
  });
  return { ...options, ...Object.fromEntries(files) };
}

/** Whether an option is the path of a file, and not PEM. */
export function isPath(source: string | Uint8Array | undefined): source is string {
  return typeof source === 'string' && !source.includes('-----BEGIN ');
}

function refuse(expected: string, got: unknown): never {
  throw new TypeError(`Cannot create a metrics server: expected ${expected}, got ${kindOf(got)}.`);
}
