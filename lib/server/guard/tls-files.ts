import type { Stats } from 'node:fs';
import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { errorCode, errorText, warn } from '../../model/error-text.ts';
import { isPath, type TlsOptions } from './tls-options.ts';

/** Reads the certificates and the key of TLS options, and detects changes to their files. */
export class TlsFiles {
  readonly #options: TlsOptions;

  constructor(options: TlsOptions) {
    this.#options = options;
  }

  /** Whether any of them is a file, which can change. */
  get hasFiles(): boolean {
    return this.#paths().length > 0;
  }

  /** The certificates and the key. Rejects, with nothing secret in the message, if a file cannot be read. */
  async read(): Promise<SecureContextOptions> {
    const { cert, key, clientCa, passphrase } = this.#options;
    return {
      cert: certificatesOf('cert', await contentOf('cert', cert)),
      key: keyOf(await contentOf('key', key)),
      ...(clientCa === undefined ? {} : { ca: certificatesOf('clientCa', await contentOf('clientCa', clientCa)) }),
      ...(passphrase === undefined ? {} : { passphrase }),
      minVersion: 'TLSv1.2',
    };
  }

  /** A fingerprint that changes when a file is written, replaced, or becomes unreadable. */
  async state(): Promise<string> {
    const { stat } = process.getBuiltinModule('node:fs/promises');
    const states = this.#paths().map((path) => stat(path).then(stateOf, errorCode));
    return (await Promise.all(states)).join(' ');
  }

  #paths(): string[] {
    const { cert, key, clientCa } = this.#options;
    return [cert, key, clientCa].filter((source) => isPath(source));
  }
}

// Kubernetes replaces a symlink, so the inode changes; certbot writes a new file; an editor may write in place.
function stateOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino}/${size}/${mtimeMs}`;
}

async function contentOf(name: string, source: string | Uint8Array): Promise<string | Buffer> {
  if (!isPath(source)) return typeof source === 'string' ? source : Buffer.from(source);
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return await readFile(source);
  } catch (cause) {
    // The path is not shown: it could be a key whose first line is missing.
    throw new Error(
      `expected tls.${name} to be PEM or the path of a file that can be read, got ${errorCode(cause) ?? 'an error'}`,
      { cause },
    );
  }
}

/**
 * Throws unless `content` has a certificate and all its certificates can be parsed. OpenSSL silently ignores an empty
 * `clientCa`, and Node would then trust every public authority instead.
 */
function certificatesOf(name: string, content: string | Buffer): string | Buffer {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const blocks = content.toString('latin1').match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error(`expected tls.${name} to hold a PEM certificate, got none`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw new Error(`expected tls.${name} to hold PEM certificates, got one that cannot be read`, { cause });
    }
  }
  return content;
}

const CERTIFICATE = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^]*?(?:-----END \1-----|$)/g;

/** Throws unless `content` has a private key. Without one, Node would start and then fail every handshake. */
function keyOf(content: string | Buffer): string | Buffer {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(content.toString('latin1'))) return content;
  throw new Error('expected tls.key to hold a PEM private key, got none');
}

/**
 * Reloads a server's certificates when their files change. New connections use the new ones; open connections stay. If
 * the new files are unusable, a process warning says why, and the old certificates stay in use.
 *
 * The files are polled: not every file system supports notifications (`fs.watch`), and they do not follow a symlink
 * that is replaced, as Kubernetes does. A change takes effect once two polls in a row see the same state, because the
 * key and the certificate are written one after the other.
 */
export class TlsReload {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #seconds: number;
  #timer: NodeJS.Timeout | undefined;
  /** State of the files in use. */
  #known: string;
  /** State of the files that were reported as unusable; they are retried, but not reported again. */
  #refused: string | undefined;
  /** State at the last poll. */
  #seen: string;

  /** `known` is the state of the files that `server` was created with. */
  constructor(server: Server, files: TlsFiles, known: string, seconds: number) {
    this.#server = server;
    this.#files = files;
    this.#known = known;
    this.#seen = known;
    this.#seconds = seconds;
  }

  /** Starts to poll the files. Does not keep the process alive. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), this.#seconds * 1000).unref();
  }

  /** Checks the files once. Never rejects. */
  async look(): Promise<void> {
    const state = await this.#files.state();
    const isSettled = state === this.#seen;
    this.#seen = state;
    if (state === this.#known || !isSettled) return;
    try {
      this.#server.setSecureContext(await this.#files.read());
      this.#known = state;
    } catch (error) {
      if (state === this.#refused) return;
      this.#refused = state;
      warn(
        'METRICS_TLS_RELOAD_FAILED',
        `The new TLS files cannot be used, the old ones stay in use: ${errorText(error)}`,
      );
    }
  }

  /** Stops polling. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
