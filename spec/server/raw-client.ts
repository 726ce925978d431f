import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A connection that speaks HTTP by hand. */
export interface RawClient {
  readonly socket: Socket;
  /** All that arrived so far. */
  text(): string;
  /** Resolves when `wanted` matches what has arrived; rejects if the connection ends before. */
  until(wanted: RegExp): Promise<string>;
  /** Resolves with how the connection ended: `end` for a proper end, else the error code. */
  readonly ended: Promise<string>;
}

/** Opens a connection to the loopback interface, from an address of it, destroyed after the test. */
export async function connectRaw(t: TestContext, port: number, localAddress = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  t.after(() => socket.destroy());
  let received = '';
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('end', () => resolve('end'));
    socket.on('close', () => resolve('close'));
  });
  await new Promise<void>((resolve) => void socket.once('connect', resolve));
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  const until = (wanted: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!wanted.test(received)) return;
        socket.off('data', look);
        resolve(received);
      };
      socket.on('data', look);
      void ended.then((how) => reject(new Error(`Cannot find ${wanted}: got ${received}, then the end (${how}).`)));
      look();
    });
  return { socket, text: () => received, until, ended };
}

/** Returns the text of a GET request. */
export function get(path: string, version = '1.1'): string {
  return `GET ${path} HTTP/${version}\r\nHost: localhost\r\n\r\n`;
}
