import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText, warn } from '../model/error-text.ts';
import { createHttpServer } from './http-server.ts';
import { listenError } from './listen-error.ts';
import type { ServerSettings } from './metrics-server-options.ts';
import { OpenConnections } from './open-connections.ts';
import { createRequestFlow, type ServerParts } from './request-flow.ts';
import type { TlsReload } from './tls/tls-reload.ts';

/** A server of node:http or node:https from the time it listens to the time it is closed. */
export class OpenServer {
  readonly #server: Server;
  readonly #connections: OpenConnections;
  readonly #reload: TlsReload | undefined;

  private constructor(server: Server, connections: OpenConnections, reload: TlsReload | undefined) {
    this.#server = server;
    this.#connections = connections;
    this.#reload = reload;
  }

  /** Resolves when it listens. Rejects with an Error that says what to do. */
  static async listen(settings: ServerSettings, parts: ServerParts): Promise<OpenServer> {
    const { port, host, tls, allow, limits } = settings;
    const { handler, listeners } = await createRequestFlow(settings, parts);
    const { server, reload } = await createHttpServer(limits, tls);
    const connections = new OpenConnections(server, { ...limits, allow }, listeners);
    const answer = listeners.guard(
      (request: IncomingMessage, response: ServerResponse) => {
        if (connections.owe(request, response)) handler(request, response);
      },
      ({ socket }) => socket,
    );
    server.on('request', answer);
    // A client that asks before it sends a body is answered like any other: no body is wanted.
    server.on('checkContinue', answer);
    // Node itself answers other expectations with 417, before any limit, name or credential is checked.
    server.on('checkExpectation', answer);
    await startListening(server, port, host);
    reload?.start();
    return new OpenServer(server, connections, reload);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lets the process exit in spite of the server and its connections, or no longer. */
  setUnref(isUnref: boolean): void {
    if (isUnref) this.#server.unref();
    else this.#server.ref();
    this.#connections.setUnref(isUnref);
  }

  /** Takes no new connection, lets requests in flight finish, and cuts them off after `timeoutSeconds`. */
  async close(timeoutSeconds: number): Promise<void> {
    this.#reload?.stop();
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#connections.closeWhenAnswered();
    const timer = setTimeout(() => this.#connections.destroyAll(), timeoutSeconds * 1000);
    timer.unref();
    await closed;
    clearTimeout(timer);
  }
}

async function startListening(server: Server, port: number, host: string | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once('error', fail);
    server.listen({ port, host }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  // Without a listener a later 'error' event would be an uncaught exception.
  server.on('error', (error) => warn('METRICS_SERVER_ERROR', `The metrics server has a problem: ${errorText(error)}`));
}
