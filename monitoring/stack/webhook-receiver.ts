import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from '../../spec/support/started-program.ts';

/** A message of Alertmanager, as its webhooks get it. */
export interface Notification {
  /** The path that it was sent to: the receiver. */
  readonly path: string;
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
}

/** Where Alertmanager sends its messages in the stack. */
export interface WebhookReceiver {
  /** Host and port. */
  readonly address: string;
  /** The notifications so far, the oldest first. */
  readonly notifications: readonly Notification[];
}

/** Starts to listen on a free port of 127.0.0.1. */
export async function startWebhookReceiver(cleanup: Cleanup): Promise<WebhookReceiver> {
  const notifications: Notification[] = [];
  const server = createServer((request, response) => {
    readJson(request).then(
      (body) => {
        notifications.push({ ...(body as Notification), path: request.url ?? '' });
        response.end();
      },
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  cleanup.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, notifications };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}
