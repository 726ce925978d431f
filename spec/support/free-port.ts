import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port on which nobody listens at this moment, for a program that cannot be told to take any. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
