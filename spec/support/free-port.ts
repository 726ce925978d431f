import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port that is free now, for a program that cannot choose one itself (port 0). */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
