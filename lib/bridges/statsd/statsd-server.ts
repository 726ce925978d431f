import type { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import { errorCode, errorText, warn } from '../../model/error-text.ts';
import { checkIdleSeconds, checkMaxSeries, DEFAULT_MAX_SERIES } from '../../model/metric.ts';
import { describe, refuse } from '../../model/names.ts';
import type { MetricsRegistry } from '../../registry/metrics-registry.ts';
import { register } from '../../registry/register.ts';
import { checkBridgeOptions } from '../check-options.ts';
import { checkObservations, MappingRules, type StatsdRule } from './mapping-rules.ts';
import { copied } from './received-metrics.ts';
import { MAX_LINE_LENGTH, type SignedGauges, StatsdReceiver, type Transport } from './receiver.ts';

/** Options for `startStatsdServer()`. */
export interface StatsdServerOptions {
  /** The registry that gets the metrics; the default registry unless given. */
  readonly registry?: MetricsRegistry;
  /** The address to listen on, for UDP and TCP; `127.0.0.1` unless given. StatsD has no authentication. */
  readonly host?: string;
  /** The UDP port; 8125 unless given, 0 for a free one, false for no UDP. */
  readonly udpPort?: number | false;
  /** The TCP port; no TCP unless given, 0 for a free one. */
  readonly tcpPort?: number;
  /** The path of a Unix stream socket; none unless given. Node has no Unix datagram sockets, which DogStatsD's clients use. */
  readonly socketPath?: string;
  /** Bytes that the system may hold for UDP until the process reads them; its own default unless given. */
  readonly receiveBufferBytes?: number;
  /** Maps StatsD names to metrics and labels; the first rule that matches counts. */
  readonly rules?: readonly StatsdRule[];
  /** What becomes of names that no rule matches: `keep`, the default, or `drop`. */
  readonly unmapped?: 'keep' | 'drop';
  /** Upper bounds of histograms for which no rule has any; the library's default unless given. */
  readonly buckets?: readonly number[];
  /** Instead of buckets: timers, histograms and distributions become summaries with these quantiles. */
  readonly quantiles?: readonly number[];
  /** Whether `+3` and `-3` of a gauge change it (`relative`, as in StatsD, the default) or set it (`absolute`, as in DogStatsD). */
  readonly signedGauges?: SignedGauges;
  /** The most series of all received metrics together; 100,000 unless given. What comes beyond is counted as `overflow`. */
  readonly maxSeries?: number;
  /** Seconds without a line after which series and metrics are removed; the registry's `idleSeconds` unless given, else never. */
  readonly idleSeconds?: number;
  /** Seconds over which sets count distinct values, and after which idle metrics are looked for; 10 unless given. */
  readonly flushSeconds?: number;
}

/** The registries of servers that are open. */
const openRegistries = new WeakSet<MetricsRegistry>();

/** The longest path of a Unix socket: macOS takes no longer one, Linux 107 bytes, and Node cuts off the rest. */
const MAX_PATH_BYTES = 103;

/** The most connections at a time; further ones are refused. Each may hold the start of a line, of 8 KB at most. */
const MAX_CONNECTIONS = 1024;

/** Starts a server: see `startStatsdServer()`. */
export async function openStatsdServer(options: StatsdServerOptions): Promise<StatsdServer> {
  const settings = readOptions(options);
  const { registry } = settings;
  if (openRegistries.has(registry)) {
    throw new Error(
      'Cannot start a StatsD server: expected a registry without one, got one that has a StatsD server. Close that first, ' +
        'or give this one a registry of its own.',
    );
  }
  const server = new StatsdServer(settings);
  openRegistries.add(registry);
  try {
    await server.listen();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** A StatsD server that listens; see `startStatsdServer()`. It keeps the process alive until it is closed, or {@link unref}'d. */
export class StatsdServer {
  readonly #settings: Settings;
  readonly #receiver: StatsdReceiver;
  readonly #flushTimer: NodeJS.Timeout;
  #udp: UdpSocket | undefined;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Socket>();
  #udpPort: number | undefined;
  #tcpPort: number | undefined;
  #isUnref = false;
  #hasWarned = false;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#receiver = new StatsdReceiver(settings, settings.signedGauges);
    this.#flushTimer = setInterval(() => this.#receiver.flush(), settings.flushSeconds * 1000);
    this.#flushTimer.unref();
  }

  /** The UDP port; undefined without UDP. */
  get udpPort(): number | undefined {
    return this.#udpPort;
  }

  /** The TCP port; undefined without TCP. */
  get tcpPort(): number | undefined {
    return this.#tcpPort;
  }

  /** Lets the process exit while the server listens. */
  unref(): this {
    return this.#setUnref(true);
  }

  /** Undoes {@link unref}. */
  ref(): this {
    return this.#setUnref(false);
  }

  /**
   * Stops to listen, and ends all connections. What was received stays in the registry, so that a last scrape gets it.
   * Resolves when everything is closed; never rejects. Further calls return the same promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** @internal */
  async listen(): Promise<void> {
    const { host, udpPort, tcpPort, socketPath } = this.#settings;
    if (udpPort !== false) this.#udpPort = await this.#listenUdp(host, udpPort);
    if (tcpPort !== undefined) this.#tcpPort = await this.#listenStream('tcp', { host, port: tcpPort });
    if (socketPath !== undefined) await this.#listenStream('unix', { path: socketPath });
  }

  async #listenUdp(host: string, port: number): Promise<number> {
    const { createSocket } = process.getBuiltinModule('node:dgram');
    const { receiveBufferBytes: recvBufferSize } = this.#settings;
    const type = process.getBuiltinModule('node:net').isIPv6(host) ? 'udp6' : 'udp4';
    const socket = createSocket(recvBufferSize === undefined ? { type } : { type, recvBufferSize });
    this.#udp = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => reject(listenError(`UDP port ${port} of ${host}`, error)));
      socket.bind(port, host, resolve);
    });
    socket.removeAllListeners('error').on('error', (error) => this.#warn(error));
    socket.on('message', (packet) => this.#receiver.receive(packet.toString(), 'udp'));
    return socket.address().port;
  }

  async #listenStream(transport: Transport, place: { host: string; port: number } | { path: string }): Promise<number> {
    const { createServer } = process.getBuiltinModule('node:net');
    const server = createServer((socket) => this.#accept(socket, transport));
    server.maxConnections = MAX_CONNECTIONS;
    this.#servers.push(server);
    const shown = 'path' in place ? `socket ${describe(place.path)}` : `TCP port ${place.port} of ${place.host}`;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(shown, error)));
      server.listen(place, resolve);
    });
    server.removeAllListeners('error').on('error', (error) => this.#warn(error));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  #accept(socket: Socket, transport: Transport): void {
    this.#receiver.connected(transport);
    this.#connections.add(socket);
    if (this.#isUnref) socket.unref();
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      // Node reads up to 32 chunks of 64 KiB before anything else has its turn: 60 ms of lines from a client in haste.
      socket.pause();
      setImmediate(() => socket.resume());
      const end = text.lastIndexOf('\n') + 1;
      if (end > 0) this.#receiver.receive(rest + text.slice(0, end), transport);
      rest = end > 0 ? copied(text.slice(end)) : rest + text;
      if (rest.length <= MAX_LINE_LENGTH) return;
      // A line that never ends.
      rest = '';
      this.#receiver.drop('too_long');
      socket.destroy();
    });
    socket.on('end', () => {
      if (rest !== '') this.#receiver.receive(rest, transport);
      socket.end();
    });
    // A client that breaks off: what it has sent is counted.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
  }

  #setUnref(isUnref: boolean): this {
    this.#isUnref = isUnref;
    const handles = [this.#udp, ...this.#servers, ...this.#connections];
    for (const handle of handles) {
      if (isUnref) handle?.unref();
      else handle?.ref();
    }
    return this;
  }

  async #close(): Promise<void> {
    clearInterval(this.#flushTimer);
    this.#receiver.flush();
    for (const socket of this.#connections) socket.destroy();
    const udp = this.#udp;
    if (udp !== undefined) await new Promise<void>((resolve) => udp.close(() => resolve()));
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    openRegistries.delete(this.#settings.registry);
  }

  /** Reports the first error of a socket. A socket that fails while it listens goes on listening. */
  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn('METRICS_STATSD_FAILED', `The StatsD server has a socket that failed: ${errorText(error)}.`);
  }
}

/** The options, checked, with their defaults. */
type Settings = ReturnType<typeof readOptions>;

function readOptions(options: StatsdServerOptions) {
  checkBridgeOptions('start a StatsD server', options, OPTIONS);
  const { registry = register, host = '127.0.0.1', udpPort = 8125, tcpPort, socketPath, receiveBufferBytes } = options;
  const { rules = [], unmapped = 'keep', buckets, quantiles, signedGauges = 'relative' } = options;
  const {
    maxSeries = DEFAULT_MAX_SERIES,
    idleSeconds = registry?.idleSeconds ?? Infinity,
    flushSeconds = 10,
  } = options;
  check(typeof registry?.register === 'function', 'registry to be a registry', registry);
  check(typeof host === 'string' && host !== '', 'host as an address', host);
  check(udpPort === false || isPort(udpPort), 'udpPort from 0 to 65535, or false', udpPort);
  check(tcpPort === undefined || isPort(tcpPort), 'tcpPort from 0 to 65535', tcpPort);
  check(
    socketPath === undefined ||
      (typeof socketPath === 'string' && socketPath !== '' && Buffer.byteLength(socketPath) <= MAX_PATH_BYTES),
    `socketPath as a path of ${MAX_PATH_BYTES} bytes at most`,
    socketPath,
  );
  const hasPlace = udpPort !== false || tcpPort !== undefined || socketPath !== undefined;
  check(hasPlace, 'a udpPort, tcpPort or socketPath to listen on', 'none');
  const isBufferSize =
    receiveBufferBytes === undefined || (Number.isInteger(receiveBufferBytes) && receiveBufferBytes > 0);
  check(isBufferSize, 'receiveBufferBytes as a positive integer', receiveBufferBytes);
  check(unmapped === 'keep' || unmapped === 'drop', 'unmapped "keep" or "drop"', unmapped);
  check(
    signedGauges === 'relative' || signedGauges === 'absolute',
    'signedGauges "relative" or "absolute"',
    signedGauges,
  );
  check(flushSeconds >= 0.1 && flushSeconds <= 86_400, 'flushSeconds from 0.1 to 86,400', flushSeconds);
  checkMaxSeries(maxSeries, 'a StatsD server');
  checkIdleSeconds(idleSeconds, 'a StatsD server');
  checkObservations('a StatsD server', buckets, quantiles);
  const mapping = new MappingRules(rules, unmapped === 'keep');
  return {
    ...{ registry, host, udpPort, tcpPort, socketPath, receiveBufferBytes, buckets, quantiles },
    ...{ signedGauges, maxSeries, idleSeconds, flushSeconds, rules: mapping },
  };
}

const OPTIONS = [
  ...(['registry', 'host', 'udpPort', 'tcpPort', 'socketPath', 'receiveBufferBytes', 'rules', 'unmapped'] as const),
  ...(['buckets', 'quantiles', 'signedGauges', 'maxSeries', 'idleSeconds', 'flushSeconds'] as const),
] satisfies readonly (keyof StatsdServerOptions)[];

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535;
}

function check(isGood: boolean, expected: string, got: unknown): void {
  if (isGood) return;
  refuse('start a StatsD server', expected, got, RangeError);
}

function listenError(place: string, cause: Error): Error {
  const code = errorCode(cause);
  const remedy =
    code === 'EADDRINUSE'
      ? 'Choose another, or end what uses it; the file of a Unix socket stays when its process is killed: remove it then.'
      : 'Choose another port, host or path.';
  const message = `Cannot start a StatsD server: expected to listen on ${place}, got ${errorText(cause)}. ${remedy}`;
  return Object.assign(new Error(message, { cause }), { code });
}
