import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AllowList } from './allow-list.ts';
import { clientKey } from './client-key.ts';

/** Who may connect, and how many. */
export interface OpenConnectionsOptions {
  /** Everybody, if there is none. */
  readonly allow: AllowList | undefined;
  readonly maxConnections: number;
  /** How long a client may take nothing of what it is owed. */
  readonly stallTimeoutSeconds: number;
}

/** Requests that a client may send ahead of their answers. None that scrapes does; each takes memory until its turn. */
const MAX_PIPELINED = 100;

/**
 * The sockets of a server, each with the responses it still owes.
 *
 * Node's own bookkeeping is not enough: `server.close()` destroys every socket whose response was ended, even if most
 * of it has not left yet (Node 20 to 24: of 8 MB to a slow reader, half arrives). Here a socket is idle when all that
 * it owes has been handed to the operating system.
 */
export class OpenConnections {
  /** Responses in the order of their requests: HTTP/1.1 clients may send the next before they have the last. */
  readonly #owed = new Map<Socket, Set<ServerResponse>>();
  readonly #options: OpenConnectionsOptions;
  #isClosing = false;
  #isUnref = false;

  /** Call this before the server has a 'request' listener, so that no response is missed. */
  constructor(server: Server, options: OpenConnectionsOptions) {
    this.#options = options;
    // First of the listeners: an HTTP parser for a socket that is not let in would be for nothing.
    server.prependListener('connection', (socket: Socket) => this.#admit(socket));
    // Of TLS; the socket below it, of the 'connection', is no longer looked at then.
    server.on('secureConnection', (socket: Socket) => this.#replace(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#owe(request.socket, response));
    server.setTimeout(options.stallTimeoutSeconds * 1000, (socket: Socket) => this.#endIfStalled(socket));
    // server.close() calls this one.
    server.closeIdleConnections = () => this.closeIdle();
  }

  /** Closes each socket now or as soon as it owes nothing. */
  closeWhenAnswered(): void {
    this.#isClosing = true;
    for (const responses of this.#owed.values()) announceClose([...responses].at(-1));
    this.closeIdle();
  }

  /** Closes the sockets that owe nothing. */
  closeIdle(): void {
    for (const [socket, responses] of this.#owed) {
      if (responses.size === 0) socket.destroySoon();
    }
  }

  /** Closes all sockets, whatever they owe. */
  destroyAll(): void {
    for (const socket of this.#owed.keys()) socket.destroy();
  }

  /** Lets the process exit in spite of open sockets, or no longer. */
  setUnref(isUnref: boolean): void {
    this.#isUnref = isUnref;
    for (const socket of this.#owed.keys()) {
      if (isUnref) socket.unref();
      else socket.ref();
    }
  }

  #admit(socket: Socket): void {
    const { allow, maxConnections } = this.#options;
    if (allow !== undefined && !allow.has(socket.remoteAddress)) {
      socket.destroy();
      return;
    }
    if (this.#owed.size >= maxConnections) this.#idlest()?.destroy();
    if (this.#owed.size < maxConnections) this.#add(socket);
    else socket.destroy();
  }

  /**
   * Of the client with the most idle sockets, the one that has been idle for longest: answers move theirs to the end. Not of
   * all: whoever opens one connection after the other would push the scraper's out.
   */
  #idlest(): Socket | undefined {
    const idle = [...this.#owed].filter(([, responses]) => responses.size === 0).map(([socket]) => socket);
    const counts = new Map<string, number>();
    let most = 0;
    for (const socket of idle) {
      const count = (counts.get(keyOf(socket)) ?? 0) + 1;
      counts.set(keyOf(socket), count);
      most = Math.max(most, count);
    }
    const idlest = idle.find((socket) => counts.get(keyOf(socket)) === most);
    // Its 'close' comes later, and room is needed now.
    if (idlest !== undefined) this.#owed.delete(idlest);
    return idlest;
  }

  #replace(secure: Socket): void {
    for (const socket of this.#owed.keys()) {
      if (socket.remotePort !== secure.remotePort || socket.remoteAddress !== secure.remoteAddress) continue;
      this.#owed.delete(socket);
      this.#add(secure);
      return;
    }
    // The connection has been closed meanwhile.
    secure.destroy();
  }

  /**
   * Closes a socket on which nothing has moved for a while, unless it is us who are slow: a collector or a health check may
   * take its time. Node resets the time at each byte that the client takes.
   */
  #endIfStalled(socket: Socket): void {
    const owes = (this.#owed.get(socket)?.size ?? 0) > 0;
    if (owes && socket.writableLength === 0) socket.setTimeout(this.#options.stallTimeoutSeconds * 1000);
    else socket.destroy();
  }

  #add(socket: Socket): void {
    this.#owed.set(socket, new Set());
    socket.once('close', () => this.#owed.delete(socket));
    if (this.#isUnref) socket.unref();
  }

  #owe(socket: Socket, response: ServerResponse): void {
    const responses = this.#owed.get(socket);
    if (responses === undefined) return;
    responses.add(response);
    if (responses.size > MAX_PIPELINED) {
      socket.destroy();
      return;
    }
    if (this.#isClosing) announceClose(response);
    response.once('close', () => {
      responses.delete(response);
      if (responses.size === 0 && this.#owed.delete(socket)) this.#owed.set(socket, responses);
      if (this.#isClosing && responses.size === 0) socket.destroySoon();
    });
  }
}

function keyOf(socket: Socket): string {
  return clientKey(socket.remoteAddress ?? '');
}

/** Tells the client, if there is still time, that its connection ends with this response. */
function announceClose(response: ServerResponse | undefined): void {
  if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
}
