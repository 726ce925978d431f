import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AllowList, clientKey } from '../guard/addresses.ts';
import type { ListenerGuard } from './exchange.ts';

/** Who may connect, and how often. */
export interface OpenConnectionsOptions {
  /** Everybody, if there is none. */
  readonly allow: AllowList | undefined;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** How long a client may leave data that it is owed untaken. */
  readonly stallTimeoutSeconds: number;
}

/** An open socket. */
interface Connection {
  readonly socket: Socket;
  /** Stands for the client in limits. Kept, since a destroyed socket no longer knows its address. */
  readonly client: string;
  readonly remotePort: number | undefined;
  /** Owed, in the order of their requests: HTTP/1.1 clients may send the next request before they have the last answer. */
  readonly responses: Set<ServerResponse>;
  hasAnswered: boolean;
  /** Since when the client has taken nothing that it is owed, on the clock of `performance.now()`; undefined if it takes it. */
  quietSince: number | undefined;
  /** Runs while the client is quiet, and ends that unless the next check finds it quiet again. */
  quietTimer: NodeJS.Timeout | undefined;
}

/** Requests that a client may send ahead of their answers. None that scrapes does; each takes memory until its turn. */
const MAX_PIPELINED = 100;
/** How often per stall timeout a socket is checked: so much precision, at the cost of one timer event per check. */
const CHECKS_PER_STALL_TIMEOUT = 10;

/**
 * The sockets of a server, each with the responses it still owes.
 *
 * Node's own bookkeeping is not enough: `server.close()` destroys every socket whose response was ended, even if most
 * of it has not left yet (Node 20 to 24: of 8 MB to a slow reader, half arrives). Here a socket is idle when all that
 * it owes has been handed to the operating system.
 *
 * A client is an address, or 64 bits of an IPv6 address. It gets at most `maxConnectionsPerAddress` sockets, so that
 * one client's connections, busy or idle, leave room for everybody else's.
 */
export class OpenConnections {
  /** The one that was answered last stands last. */
  readonly #open = new Map<Socket, Connection>();
  readonly #options: OpenConnectionsOptions;
  readonly #checkMilliseconds: number;
  #isClosing = false;
  #isUnref = false;

  /** Call this before the server has a 'connection' listener that must not see refused sockets. */
  constructor(server: Server, options: OpenConnectionsOptions, listeners: ListenerGuard) {
    this.#options = options;
    const guarded = (listener: (socket: Socket) => void) => listeners.guard(listener, (socket) => socket);
    this.#checkMilliseconds = Math.ceil((options.stallTimeoutSeconds * 1000) / CHECKS_PER_STALL_TIMEOUT);
    // First of the listeners: an HTTP parser for a refused socket would be wasted.
    server.prependListener(
      'connection',
      guarded((socket) => this.#admit(socket)),
    );
    // The TLS socket takes the place of the raw one, which no longer has events of interest.
    server.on(
      'secureConnection',
      guarded((socket) => this.#replace(socket)),
    );
    server.setTimeout(
      this.#checkMilliseconds,
      guarded((socket) => this.#endIfStalled(socket)),
    );
    // server.close() calls this one.
    server.closeIdleConnections = () => this.closeIdle();
  }

  /**
   * Takes note of a request; returns whether it is to be answered. False if the connection is already gone, or ends now
   * because the client sent too many requests ahead: then nothing else may happen for the request.
   */
  owe(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const connection = this.#open.get(socket);
    if (connection === undefined || socket.destroyed) return false;
    const { responses } = connection;
    if (responses.size >= MAX_PIPELINED) {
      socket.destroy();
      return false;
    }
    responses.add(response);
    if (this.#isClosing) announceClose(response);
    response.once('close', () => {
      responses.delete(response);
      connection.hasAnswered = true;
      if (responses.size === 0 && this.#open.delete(socket)) this.#open.set(socket, connection);
      if (this.#isClosing && responses.size === 0) socket.destroySoon();
    });
    return true;
  }

  /** Closes each socket now or as soon as it owes nothing. */
  closeWhenAnswered(): void {
    this.#isClosing = true;
    for (const { responses } of this.#open.values()) announceClose([...responses].at(-1));
    this.closeIdle();
  }

  /** Closes the sockets that owe nothing. */
  closeIdle(): void {
    for (const { socket, responses } of this.#open.values()) if (responses.size === 0) socket.destroySoon();
  }

  /** Closes all sockets, whatever they owe. */
  destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  /** Lets the process exit in spite of open sockets, or no longer. */
  setUnref(isUnref: boolean): void {
    this.#isUnref = isUnref;
    for (const socket of this.#open.keys()) {
      if (isUnref) socket.unref();
      else socket.ref();
    }
  }

  #admit(socket: Socket): void {
    const { allow, maxConnections, maxConnectionsPerAddress } = this.#options;
    const { remoteAddress } = socket;
    if (allow !== undefined && !allow.has(remoteAddress)) {
      socket.destroy();
      return;
    }
    const client = clientKey(remoteAddress ?? '');
    const own = [...this.#open.values()].filter((connection) => connection.client === client);
    if (own.length >= maxConnectionsPerAddress) {
      // Its own oldest idle socket makes room, never somebody else's.
      if (!this.#drop(own.find(isIdle))) socket.destroy();
    } else if (this.#open.size >= maxConnections) {
      if (!this.#drop(this.#idlest())) socket.destroy();
    }
    if (!socket.destroyed) this.#add(socket, client);
  }

  /** Closes a connection; returns whether there was one. */
  #drop(connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    // Its 'close' event comes later, and the room is needed now.
    this.#open.delete(connection.socket);
    connection.socket.destroy();
    return true;
  }

  /**
   * Of the client with the most idle sockets, the one that has been idle for longest. Not of all clients: whoever opens
   * one connection after the other would push the scraper's out.
   */
  #idlest(): Connection | undefined {
    const idle = [...this.#open.values()].filter(isIdle);
    const counts = new Map<string, number>();
    for (const { client } of idle) counts.set(client, (counts.get(client) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return idle.find(({ client }) => counts.get(client) === most);
  }

  #replace(secure: Socket): void {
    const { remoteAddress, remotePort } = secure;
    const client = clientKey(remoteAddress ?? '');
    for (const connection of this.#open.values()) {
      if (connection.remotePort !== remotePort || connection.client !== client) continue;
      this.#open.delete(connection.socket);
      this.#add(secure, client);
      return;
    }
    // The connection has been closed during the handshake.
    secure.destroy();
  }

  /**
   * Called when nothing has moved on a socket for one checking interval, or for the keep-alive timeout. Closes it if the
   * client has taken nothing for the stall timeout, unless we are the slow ones: a collector or a health check may
   * take its time.
   *
   * When the client has taken some bytes, Node restarts the socket's timer without an event. So a client is quiet again if
   * the next event comes before a timer of one and a half intervals, and it took something if that timer is first. Not told
   * by the clock: where the host blocks the event loop, both are late, but in the same order. One interval of the whole
   * timeout would let a client stall for twice as long.
   */
  #endIfStalled(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    if (isIdle(connection) && connection.hasAnswered) {
      socket.destroy(); // the keep-alive timeout is over
      return;
    }
    clearTimeout(connection.quietTimer);
    const isOurTurn = !isIdle(connection) && socket.writableLength === 0;
    const now = performance.now();
    const quietSince = isOurTurn ? undefined : (connection.quietSince ?? now - this.#checkMilliseconds);
    connection.quietSince = quietSince;
    // Half an interval of slack: the last check may come a millisecond early.
    const limit = this.#options.stallTimeoutSeconds * 1000 - this.#checkMilliseconds / 2;
    if (quietSince !== undefined && now - quietSince >= limit) {
      socket.destroy();
      return;
    }
    const forget = () => (connection.quietSince = undefined);
    connection.quietTimer = setTimeout(forget, Math.ceil(1.5 * this.#checkMilliseconds)).unref();
    socket.setTimeout(this.#checkMilliseconds);
  }

  #add(socket: Socket, client: string): void {
    const { remotePort } = socket;
    const responses = new Set<ServerResponse>();
    const isQuiet = { quietSince: undefined, quietTimer: undefined };
    const connection: Connection = { socket, client, remotePort, responses, hasAnswered: false, ...isQuiet };
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      clearTimeout(connection.quietTimer);
      if (responses.size > 0) setImmediate(() => closeLeft(responses));
    });
    if (this.#isUnref) socket.unref();
  }
}

function isIdle({ responses }: Connection): boolean {
  return responses.size === 0;
}

/**
 * Closes the responses of a lost connection that Node has left open, which whoever listens for 'close' would wait for
 * forever: Node 20 and 22 forget those whose turn never came, later ones close them within this turn.
 */
function closeLeft(responses: ReadonlySet<ServerResponse>): void {
  for (const response of responses) {
    response.destroy();
    response.emit('close');
  }
}

/** Tells the client, if there is still time, that its connection ends with this response. */
function announceClose(response: ServerResponse | undefined): void {
  if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
}
