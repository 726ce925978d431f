import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { RequestHandler } from '../../lib/server/http/exchange.ts';

export interface PlainServer {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
}

/** Serves `handler` with node:http on a free port of the loopback interface until the test is over. */
export async function servePlainly(t: TestContext, handler: RequestHandler): Promise<PlainServer> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, server };
}
