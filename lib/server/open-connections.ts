import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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
  #isClosing = false;
  #isUnref = false;

  /** Call this before the server has a 'request' listener, so that no response is missed. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => this.#add(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#owe(request.socket, response));
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

  #add(socket: Socket): void {
    this.#owed.set(socket, new Set());
    socket.once('close', () => this.#owed.delete(socket));
    if (this.#isUnref) socket.unref();
  }

  #owe(socket: Socket, response: ServerResponse): void {
    const responses = this.#owed.get(socket);
    if (responses === undefined) return;
    responses.add(response);
    if (this.#isClosing) announceClose(response);
    response.once('close', () => {
      responses.delete(response);
      if (this.#isClosing && responses.size === 0) socket.destroySoon();
    });
  }
}

/** Tells the client, if there is still time, that its connection ends with this response. */
function announceClose(response: ServerResponse | undefined): void {
  if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
}
