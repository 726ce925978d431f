import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { LabelValue } from '../model/label-value.ts';
import { isBodiless, sizeOf } from './body-size.ts';
import { pathOf } from './path.ts';
import type { RequestMetrics, StartedRequest } from './request-metrics.ts';
import { routeOf } from './routes.ts';
import type { Subscriptions } from './subscriptions.ts';
import { UpgradeListeners } from './upgrade-listeners.ts';

/** nginx's status for a client that closed the connection. Here for each response that could not be completed. */
const NOT_COMPLETED = 499;

/** A request of HTTP/1 that has not been answered yet. */
interface Exchange {
  readonly started: StartedRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A connection, its open exchanges (several if the client pipelines), and its bytes until the last response ended. */
interface Connection {
  readonly exchanges: Exchange[];
  bytesWritten: number;
  readonly onClose: () => void;
}

interface ServerMessage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/** A request of HTTP/2. */
interface OpenStream {
  readonly started: StartedRequest;
  /** Of its body; `NaN` if it is not announced. */
  readonly contentLength: number;
}

interface StreamMessage {
  readonly stream: ServerHttp2Stream;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The options of the application. */
export interface ServerRequestOptions {
  readonly isIgnored: (path: string) => boolean;
  readonly extraLabels: (request: IncomingMessage, response: ServerResponse) => readonly LabelValue[];
  /** The extra labels of a request without a message of HTTP/1. */
  readonly noExtraLabels: readonly LabelValue[];
}

/**
 * Counts the requests to all HTTP servers of the process: from when their headers have been read until their response has been
 * handed to the operating system, or the connection is closed.
 */
export class ServerRequests {
  readonly #metrics: RequestMetrics;
  readonly #options: ServerRequestOptions;
  readonly #connections = new Map<Socket, Connection>();
  readonly #streams = new WeakMap<ServerHttp2Stream, OpenStream>();
  readonly #upgrades: UpgradeListeners;
  readonly #subscriptions: Subscriptions;

  constructor(metrics: RequestMetrics, options: ServerRequestOptions, subscriptions: Subscriptions) {
    this.#metrics = metrics;
    this.#options = options;
    this.#subscriptions = subscriptions;
    this.#upgrades = new UpgradeListeners(subscriptions.guard((request) => this.#countUpgrade(request)));
    subscriptions.add('net.server.socket', ({ socket }: { readonly socket: Socket & { readonly server?: Server } }) =>
      this.#upgrades.watch(socket.server),
    );
    subscriptions.add('http.server.request.start', (message: ServerMessage) => this.#begin(message));
    subscriptions.add('http.server.response.finish', (message: ServerMessage) => this.#finish(message));
    subscriptions.add('http2.server.stream.start', (message: StreamMessage) => this.#beginStream(message));
    subscriptions.add('http2.server.stream.close', ({ stream }: StreamMessage) => this.#endStream(stream));
  }

  /** Removes all listeners. */
  stop(): void {
    for (const [socket, { onClose }] of this.#connections) socket.off('close', onClose);
    this.#connections.clear();
    this.#upgrades.stop();
  }

  #begin({ request, response, socket }: ServerMessage): void {
    if (this.#options.isIgnored(pathOf(request.url!))) return;
    const connection = this.#connections.get(socket) ?? this.#open(socket);
    // A pipelined response is sent when the one before it has ended.
    const started = this.#metrics.begin(request.method!, connection.exchanges.length > 0);
    connection.exchanges.push({ started, request, response });
  }

  #open(socket: Socket): Connection {
    const onClose = this.#subscriptions.guard(() => {
      this.#connections.delete(socket);
      for (const exchange of connection.exchanges.splice(0)) this.#end(exchange, NOT_COMPLETED, NaN);
    }) as () => void;
    const connection: Connection = { exchanges: [], bytesWritten: socket.bytesWritten, onClose };
    this.#connections.set(socket, connection);
    socket.once('close', onClose);
    return connection;
  }

  #finish({ request, response, socket }: ServerMessage): void {
    const connection = this.#connections.get(socket);
    // Node 20 and 22 also publish this for what they drop when a connection breaks, before they close it.
    if (connection === undefined || socket.errored) return;
    // Responses leave a connection one after the other, pipelined ones too, so this is how long this one was.
    const { bytesWritten } = socket;
    const length = bytesWritten - connection.bytesWritten - headLength(response);
    connection.bytesWritten = bytesWritten;
    const place = connection.exchanges.findIndex((exchange) => exchange.request === request);
    if (place === -1) return;
    const [exchange] = connection.exchanges.splice(place, 1);
    this.#end(exchange!, response.statusCode, length);
  }

  #end(exchange: Exchange, status: number, responseSize: number): void {
    const { started, request, response } = exchange;
    const extraLabels = this.#options.extraLabels(request, response);
    const requestSize = sizeOf(request.headers);
    this.#metrics.end(started, { place: routeOf(request), status, requestSize, responseSize, extraLabels });
  }

  #beginStream({ stream, headers }: StreamMessage): void {
    if (this.#options.isIgnored(pathOf(String(headers[':path'] ?? '/')))) return;
    const started = this.#metrics.begin(String(headers[':method']), false);
    this.#streams.set(stream, { started, contentLength: Number(headers['content-length'] ?? NaN) });
  }

  #endStream(stream: ServerHttp2Stream): void {
    const open = this.#streams.get(stream);
    if (open === undefined) return;
    this.#streams.delete(stream);
    const { started, contentLength } = open;
    const { sentHeaders = {} } = stream;
    const isComplete = stream.rstCode === 0 && sentHeaders[':status'] !== undefined;
    const status = isComplete ? Number(sentHeaders[':status']) : NOT_COMPLETED;
    const length = isBodiless(started.method, status) ? 0 : Number(sentHeaders['content-length'] ?? NaN);
    this.#metrics.end(started, {
      place: routeOf(stream),
      status,
      requestSize: stream.endAfterHeaders ? 0 : contentLength,
      responseSize: isComplete ? length : NaN,
      extraLabels: this.#options.noExtraLabels,
    });
  }

  /** The handshake belongs to the application, and what follows is not HTTP. */
  #countUpgrade(request: IncomingMessage): void {
    if (this.#options.isIgnored(pathOf(request.url!))) return;
    const started = this.#metrics.begin(request.method!, false);
    const sizes = { requestSize: NaN, responseSize: NaN };
    this.#metrics.end(started, { place: '', status: 101, ...sizes, extraLabels: this.#options.noExtraLabels });
  }
}

/** Bytes of the status line and headers of a response. */
function headLength(response: ServerResponse): number {
  return (response as { readonly _header?: string | null })._header?.length ?? 0;
}
