import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type ListenOptions, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Takes lines for a spec. */
export interface LineReceiver {
  readonly port: number;
  /** What came, by datagram or connection. */
  readonly packets: readonly string[];
  /** All lines, in the order of their coming. */
  lines(): string[];
  close(): Promise<void>;
}

/** Receives datagrams. */
export async function receiveUdp(t: TestContext): Promise<LineReceiver> {
  const packets: string[] = [];
  const socket = createSocket('udp4').on('message', (packet) => void packets.push(packet.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= new Promise((resolve) => socket.close(resolve)));
  t.after(close);
  return { port: socket.address().port, packets, lines: () => packets.flatMap((packet) => packet.split('\n')), close };
}

/** Accepts connections; `use` may treat them otherwise than to read them. */
export async function receiveStream(
  t: TestContext,
  place: ListenOptions = { port: 0, host: '127.0.0.1' },
  use: (socket: Socket) => void = () => undefined,
): Promise<LineReceiver> {
  const packets: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const at = packets.push('') - 1;
    sockets.add(socket);
    socket
      .setEncoding('utf8')
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
    use(socket);
    if (!socket.isPaused()) socket.on('data', (text: string) => (packets[at] += text));
  });
  await new Promise<void>((resolve) => server.listen(place, resolve));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    return closing;
  };
  t.after(close);
  const { port = 0 } = server.address() as AddressInfo;
  return {
    port,
    packets,
    lines: () =>
      packets
        .join('')
        .split('\n')
        .filter((line) => line !== ''),
    close,
  };
}
