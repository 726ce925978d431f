import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { errorCode, errorText } from '../model/error-text.ts';
import { refuse } from '../model/names.ts';

/** Where lines are sent to. */
export interface LineAddress {
  /** The host of the receiver; `127.0.0.1` unless given. */
  readonly host?: string;
  /** Its port. */
  readonly port?: number;
  /** `udp` or `tcp`. */
  readonly protocol?: 'udp' | 'tcp';
  /** Instead of host and port: the path of a Unix stream socket. */
  readonly socketPath?: string;
}

/** The address, with its defaults. */
export type ReadAddress =
  | { readonly protocol: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  | { readonly protocol: 'unix'; readonly socketPath: string };

/** Returns a checked address. Throws a TypeError or RangeError on an invalid option; `bridge` is named in the message. */
export function readAddress(
  bridge: string,
  { host = '127.0.0.1', port, protocol, socketPath }: LineAddress,
  defaults: { readonly port: number; readonly protocol: 'udp' | 'tcp' },
): ReadAddress {
  const check = (isGood: boolean, expected: string, got: unknown): void => {
    if (!isGood) refuse(`push metrics to ${bridge}`, expected, got, RangeError);
  };
  if (socketPath !== undefined) {
    check(typeof socketPath === 'string' && socketPath !== '', 'socketPath as a path', socketPath);
    check(port === undefined && protocol === undefined, 'no port and protocol beside socketPath', port ?? protocol);
    return { protocol: 'unix', socketPath };
  }
  const { port: checkedPort, protocol: checkedProtocol } = { ...defaults, ...definedOf({ port, protocol }) };
  check(typeof host === 'string' && host !== '', 'host as a name or an address', host);
  check(Number.isInteger(checkedPort) && checkedPort > 0 && checkedPort < 65_536, 'port from 1 to 65535', checkedPort);
  check(['udp', 'tcp'].includes(checkedProtocol), 'protocol "udp" or "tcp"', checkedProtocol);
  return { protocol: checkedProtocol, host, port: checkedPort };
}

function definedOf(values: { port: number | undefined; protocol: 'udp' | 'tcp' | undefined }): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A connection for the lines of one push, or a socket for datagrams. */
export interface LineSocket {
  /** Hands lines to the system. Resolves when it has taken them; rejects if it cannot, or the push is to end. */
  send(lines: string): Promise<void>;
  /** Closes it. Resolves when the last lines are on their way. */
  end(): Promise<void>;
  /** Closes it at once. */
  destroy(): void;
}

/**
 * Opens a socket, which does not keep the process alive. A push has one of its own: a receiver that has moved, or come back, is
 * found by the next push, and nothing has to be reconnected.
 */
export async function openSocket(address: ReadAddress, signal: AbortSignal): Promise<LineSocket> {
  signal.throwIfAborted(); // its event has passed
  try {
    return await (address.protocol === 'udp' ? openUdp(address, signal) : openStream(address, signal));
  } catch (error) {
    throw sendError(address, error);
  }
}

/** Datagrams that are sent at once. A receiver's buffer, of 208 KiB on Linux, holds about 90 of 1,432 bytes. */
const BURST = 20;
/** The wait after each burst: 2,000 datagrams a second, of 50,000 lines. */
const PAUSE_MILLISECONDS = 10;

async function openUdp(address: Extract<ReadAddress, { host: string }>, signal: AbortSignal): Promise<LineSocket> {
  const { host, port } = address;
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  const { setTimeout: sleep } = process.getBuiltinModule('node:timers/promises');
  const found = await abortable(lookup(host), signal);
  const socket: UdpSocket = process.getBuiltinModule('node:dgram').createSocket(found.family === 6 ? 'udp6' : 'udp4');
  socket.unref();
  // That nobody listens is reported by a later datagram, if at all.
  socket.on('error', () => undefined);
  let sentCount = 0;
  return {
    async send(lines) {
      signal.throwIfAborted();
      if (++sentCount % BURST === 0) await sleep(PAUSE_MILLISECONDS, undefined, { ref: false, signal });
      await new Promise<void>((resolve, reject) => {
        socket.send(lines, port, found.address, (error) => {
          if (error === null) resolve();
          else reject(sendError(address, error));
        });
      });
    },
    end: async () => void socket.close(),
    destroy: () => void socket.close(),
  };
}

async function openStream(address: ReadAddress, signal: AbortSignal): Promise<LineSocket> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket: Socket =
    address.protocol === 'unix'
      ? connect(address.socketPath)
      : connect(address.port, (address as { host: string }).host);
  socket.unref();
  // What a receiver answers, if anything, is not read for its meaning.
  socket.resume();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the receiver has closed the connection')));
  signal.addEventListener('abort', () => {
    fail(signal.reason);
    socket.destroy();
  });
  const settled = async (begin: (done: () => void) => void): Promise<void> => {
    try {
      await Promise.race([new Promise<void>(begin), failed]);
    } catch (error) {
      throw sendError(address, error);
    }
  };
  await settled((done) => socket.once('connect', done));
  return {
    // Of an error the socket tells by an event.
    send: (lines) => settled((done) => socket.write(`${lines}\n`, (error) => void (error || done()))),
    end: () => settled((done) => socket.end(done)),
    destroy: () => void socket.destroy(),
  };
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  return Promise.race([promise, aborted]);
}

/** Returns an address as messages have it. */
export function placeOfAddress(address: ReadAddress): string {
  return address.protocol === 'unix' ? address.socketPath : `${address.host}:${address.port} (${address.protocol})`;
}

/** The errors that {@link sendError} has made. */
const ours = new WeakSet<object>();

/** The error of a socket, with its address and what to do. */
function sendError(address: ReadAddress, cause: unknown): unknown {
  const code = errorCode(cause);
  if (code === 'ETIMEDOUT' || ours.has(cause as object)) return cause;
  const message =
    `Cannot push metrics to ${placeOfAddress(address)}: expected a receiver that takes them, got ${errorText(cause)}. ` +
    'Check the address, and that the receiver runs.';
  const error = Object.assign(new Error(message, { cause }), { code });
  ours.add(error);
  return error;
}
