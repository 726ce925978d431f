import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';

/** What a gateway answered: Node's response, which has been read, and its body. */
export interface PushAnswer {
  readonly resp: IncomingMessage;
  readonly body: string;
}

/** A request, as each attempt sends it. */
export interface PushRequest {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Without credentials. */
  readonly url: URL;
  /** Further options of `https.request()`, the credentials among them. */
  readonly connection: RequestOptions;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array | undefined;
  /** Milliseconds from connecting to the last byte of the answer. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** What is kept of an answer, so that one without end costs no more; a gateway's reasons take a line or two. */
const MAX_ANSWER_CHARACTERS = 64 * 1024;

/**
 * Sends a request once, over a connection that does not outlive it unless an agent keeps it. Resolves to the answer,
 * whatever its status; rejects with the system's error, with code ETIMEDOUT when the time is over, and when the signal
 * is aborted.
 */
export async function sendRequest(wanted: PushRequest): Promise<PushAnswer> {
  const { method, url, connection, headers, body, timeout, signal } = wanted;
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const sent = request(url, { agent: false, ...connection, method, headers, ...(signal && { signal }) });
  const timer = setTimeout(() => sent.destroy(timeoutError(timeout)), timeout);
  try {
    return await new Promise<PushAnswer>((resolve, reject) => {
      sent.on('error', reject);
      sent.once('response', (resp) => {
        resp.on('error', reject);
        readText(resp, (text) => resolve({ resp, body: text }));
      });
      sent.end(body);
    });
  } finally {
    clearTimeout(timer);
    // Who answers early may never read the rest.
    if (!sent.writableFinished) sent.destroy();
  }
}

function readText(resp: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  resp.setEncoding('utf8');
  resp.on('data', (part: string) => {
    text += part.slice(0, MAX_ANSWER_CHARACTERS - text.length);
  });
  resp.once('end', () => done(text));
}

function timeoutError(timeout: number): Error {
  return Object.assign(new Error(`no answer within ${timeout} ms`), { code: 'ETIMEDOUT' });
}
