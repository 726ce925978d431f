import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { nextTurn } from '../../model/promises.ts';
import { type AllowList, clientKey } from '../guard/addresses.ts';
import type { ListenerGuard } from './exchange.ts';

/** Limits on connections. */
export interface OpenConnectionsOptions {
  /** The clients that may connect; undefined admits all. */
  readonly allow: AllowList | undefined;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** How long a client may read nothing of an answer before its connection is closed. */
  readonly stallTimeoutSeconds: number;
}

/** An open socket. */
interface Connection {
  readonly socket: Socket;
  /** Identifies the client in limits. Stored because a destroyed socket no longer has an address. */
  readonly client: string;
  readonly remotePort: number | undefined;
  /** The outstanding responses, in request order: HTTP/1.1 clients may pipeline requests. */
  readonly responses: Set<ServerResponse>;
  hasAnswered: boolean;
  /** Since when the client has read nothing, by `performance.now()`; undefined while it reads or nothing is due. */
  quietSince: number | undefined;
  /** Clears `quietSince`, unless the next check comes first and finds the client quiet again. */
  quietTimer: NodeJS.Timeout | undefined;
}

/** Requests that a client may pipeline. Scrapers do not pipeline; each request takes memory until its turn. */
const MAX_PIPELINED = 100;
/** Checks of a socket per stall timeout: more are more precise, and cost one timer event each. */
const CHECKS_PER_STALL_TIMEOUT = 10;

/**
 * The open sockets of a server, each with its outstanding responses.
 *
 * Node's own bookkeeping is not enough: `server.close()` destroys every socket whose response was ended, even if most
 * of it has not been sent yet (Node 20 to 24: of 8 MB to a slow reader, half arrives). Here a socket is idle once all
 * its responses have been handed to the operating system.
 *
 * A client is an IPv4 address or the first 64 bits of an IPv6 address. It gets at most `maxConnectionsPerAddress`
 * sockets, so that one client's connections, busy or idle, leave room for others.
 */
export class OpenConnections {
  /** In the order of their last answers, the latest last. */
  readonly #open = new Map<Socket, Connection>();
  readonly #options: OpenConnectionsOptions;
  readonly #checkMilliseconds: number;
  #isClosing = false;
  #isUnref = false;

  /** Create this before adding 'connection' listeners that must not see refused sockets. */
  constructor(server: Server, options: OpenConnectionsOptions, listeners: ListenerGuard) {
    this.#options = options;
    const guarded = (listener: (socket: Socket) => void) => listeners.guard(listener, (socket) => socket);
    this.#checkMilliseconds = Math.ceil((options.stallTimeoutSeconds * 1000) / CHECKS_PER_STALL_TIMEOUT);
    // Before Node's own listener, which would create an HTTP parser for a refused socket.
    server.prependListener(
      'connection',
      guarded((socket) => this.#admit(socket)),
    );
    // The TLS socket replaces the raw one, which emits no more events of interest.
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
   * Tracks a request; returns whether to answer it. Returns false if the connection is closed, or is closed now because
   * the client has pipelined too many requests. The caller must then ignore the request.
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

  /** Closes each socket as soon as it is idle. */
  closeWhenAnswered(): void {
    this.#isClosing = true;
    for (const { responses } of this.#open.values()) announceClose([...responses].at(-1));
    this.closeIdle();
  }

  /** Closes the idle sockets. */
  closeIdle(): void {
    for (const { socket, responses } of this.#open.values()) if (responses.size === 0) socket.destroySoon();
  }

  /** Closes all sockets immediately. */
  destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  /** Sets whether the process may exit while sockets are open. */
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
      // The client's own longest idle socket makes room, never another client's.
      if (!this.#drop(own.find(isIdle))) socket.destroy();
    } else if (this.#open.size >= maxConnections) {
      if (!this.#drop(this.#idlest())) socket.destroy();
    }
    if (!socket.destroyed) this.#add(socket, client);
  }

  /** Closes a connection; returns whether there was one. */
  #drop(connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    // The 'close' event comes later, but the place is needed now.
    this.#open.delete(connection.socket);
    connection.socket.destroy();
    return true;
  }

  /**
   * The longest idle socket of the client with the most idle sockets. Not the longest idle of all: a client that opens
   * one connection after another would then evict the scraper's.
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
    // The connection was closed during the handshake.
    secure.destroy();
  }

  /**
   * Called after a socket has had no activity for one check interval, or for the keep-alive timeout. Closes it if the
   * client has read nothing for the stall timeout, unless the server is the slow side: a collector or a health check
   * may take its time.
   *
   * When the client reads some bytes, Node restarts the socket's timer without an event. So each check starts a timer
   * of 1.5 intervals: if the next check comes first, the client is still quiet; if the timer fires first, the client
   * has read something. Comparing clock times would fail when the host blocks the event loop, which delays both but
   * keeps their order. A single check per stall timeout would let a client stall for twice as long.
   */
  #endIfStalled(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    if (isIdle(connection) && connection.hasAnswered) {
      socket.destroy(); // the keep-alive timeout has expired
      return;
    }
    clearTimeout(connection.quietTimer);
    const isOurTurn = !isIdle(connection) && socket.writableLength === 0;
    const now = performance.now();
    const quietSince = isOurTurn ? undefined : (connection.quietSince ?? now - this.#checkMilliseconds);
    connection.quietSince = quietSince;
    // Half an interval of tolerance: the last check may come a millisecond early.
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
      if (responses.size > 0) void nextTurn().then(() => closeLeft(responses));
    });
    if (this.#isUnref) socket.unref();
  }
}

function isIdle({ responses }: Connection): boolean {
  return responses.size === 0;
}

/**
 * Closes the responses that Node leaves open after a lost connection, so that listeners for 'close' do not wait
 * forever. Node 20 and 22 forget responses whose turn never came; later versions close them within this turn.
 */
function closeLeft(responses: ReadonlySet<ServerResponse>): void {
  for (const response of responses) {
    response.destroy();
    response.emit('close');
  }
}

/** Announces that the connection closes after this response, unless its headers have been sent. */
function announceClose(response: ServerResponse | undefined): void {
  if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
}
