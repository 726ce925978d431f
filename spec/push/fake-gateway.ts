import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers a request, or does not; `request` is what has been read of it. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A server on a free port of 127.0.0.1 that keeps what it was sent. */
export interface FakeGateway {
  /** Without a slash at the end. */
  readonly url: string;
  readonly seen: SeenRequest[];
}

/** Answers with a status and text. */
export function status(code: number, text = ''): Answer {
  return (response) => response.writeHead(code).end(text);
}

/** Breaks the connection instead of answering. */
export const hangUp: Answer = (response) => response.destroy();

/** Never answers. */
export const silence: Answer = () => undefined;

/**
 * Starts a server that gives these answers in turn, the last one to all further requests; 200 without any. It ends with the
 * test, whatever hangs in it. With `tls`, it speaks HTTPS.
 */
export async function fakeGateway(
  t: TestContext,
  answers: readonly Answer[] = [],
  tls?: ServerOptions,
): Promise<FakeGateway> {
  const seen: SeenRequest[] = [];
  const listener: RequestListener = (message, response) => {
    void readRequest(message).then((request) => {
      const answer = answers[Math.min(seen.length, answers.length - 1)] ?? status(200);
      seen.push(request);
      answer(response, request);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, seen };
}

async function readRequest(message: IncomingMessage): Promise<SeenRequest> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return { method: message.method!, path: message.url!, headers: message.headers, body: Buffer.concat(parts) };
}
