import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { MetricsRegistry } from '../../lib/core.ts';
import { type HttpOptions, instrumentHttp } from '../../lib/http/index.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { until } from '../support/until.ts';

/** An HTTP server whose requests are counted, until the end of the test. */
export interface ObservedServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly registry: MetricsRegistry;
  readonly stop: () => void;
  /** The samples of a name by their labels, as `GET /orders/:id 200`: values that are not empty, in the order of the labels. */
  samples(name: string): Promise<Record<string, number>>;
  /** Waits until so many requests have been counted, and returns them as {@link samples} does. */
  counted(total: number, name?: string): Promise<Record<string, number>>;
  /** Opens a connection, and sends a text. */
  send(text: string): Socket;
}

export const DURATION = 'http_server_request_duration_seconds_count';
export const ACTIVE = 'http_server_active_requests';

export async function observedServer(
  t: TestContext,
  handler: RequestListener,
  options: HttpOptions = { clients: false },
): Promise<ObservedServer> {
  const registry = new MetricsRegistry();
  const { stop } = instrumentHttp(registry, options);
  t.after(stop);
  const server = createServer(handler);
  return await observe(t, server, registry, stop);
}

/** Lets a server listen on a free port until the end of the test. */
export async function observe(
  t: TestContext,
  server: Server,
  registry: MetricsRegistry,
  stop: () => void,
): Promise<ObservedServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const samples = (name: string) => samplesOf(registry, name);
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    registry,
    stop,
    samples,
    counted: (total, name = DURATION) =>
      until(`${total} requests`, async () => {
        const found = await samples(name);
        const sum = Object.values(found).reduce((all, value) => all + value, 0);
        return sum >= total ? found : undefined;
      }),
    send(text) {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => {});
      t.after(() => socket.destroy());
      return socket;
    },
  };
}

/** The samples of a name by the values of their labels. */
export async function samplesOf(registry: MetricsRegistry, name: string): Promise<Record<string, number>> {
  const samples = parseExposition(await registry.metrics())
    .flatMap((family) => family.samples)
    .filter((sample) => sample.name === name);
  return Object.fromEntries(
    samples.map(({ labels, value }) => [[...labels.values()].filter((text) => text !== '').join(' '), value]),
  );
}
