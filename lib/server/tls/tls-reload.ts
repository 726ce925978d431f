import type { Server } from 'node:https';
import { errorText, warn } from '../../model/error-text.ts';
import type { TlsFiles } from './tls-files.ts';

/**
 * Reloads a server's certificates when their files change. New connections use the new ones; open connections stay. If the
 * new files are unusable, a process warning says why, and the old certificates stay in use.
 *
 * The files are looked at by a timer: notifications (`fs.watch`) do not come from every file system, and follow no link
 * that is replaced, as Kubernetes does. A change counts when it is still the same at the next look, since key and
 * certificate are written one after the other.
 */
export class TlsReload {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #seconds: number;
  #timer: NodeJS.Timeout | undefined;
  /** State of the files that the server has. */
  #known: string;
  /** State of the files that were reported as unusable; they are tried again, but not reported again. */
  #refused: string | undefined;
  /** State at the last look. */
  #seen: string;

  /** `known` is the state of the files from which the server has its certificates. */
  constructor(server: Server, files: TlsFiles, known: string, seconds: number) {
    this.#server = server;
    this.#files = files;
    this.#known = known;
    this.#seen = known;
    this.#seconds = seconds;
  }

  /** Looks at the files every so many seconds from now on; keeps no process alive for it. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), this.#seconds * 1000).unref();
  }

  /** Looks at the files now. Never rejects. */
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

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
