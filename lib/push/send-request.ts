import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';

/** The gateway's answer: Node's response, which has been read, and its body. */
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
  /** What the receiver is called in errors. */
  readonly receiver: string;
  /** Whether the body of the answer is bytes, one for each character of its text; UTF-8 otherwise. */
  readonly isAnswerBinary?: boolean;
  /** Whether the request alone does not keep the process alive. */
  readonly isUnref?: boolean;
}

/** How much of an answer is stored, so that an endless one costs no more; a gateway's reasons take a line or two. */
const MAX_ANSWER_CHARACTERS = 64 * 1024;

/**
 * Sends a request once, over a connection that does not outlive it unless an agent of the caller keeps it. Goes through
 * the functions of `node:http` at the time of the call and Node's global agent, like any other request: proxies,
 * tracers and mocks that are set up there see it. Resolves to the answer, whatever its status; rejects with the
 * system's error, with code ETIMEDOUT when the time is over, and with the reason of the signal when that is aborted.
 *
 * The timeout and the signal settle the promise themselves. Destroying the request is not enough: Node emits no `error`
 * for a request that it has already abandoned, such as one that was answered with an upgrade.
 */
export async function sendRequest(wanted: PushRequest): Promise<PushAnswer> {
  const { method, url, connection, headers, body, timeout, signal, receiver, isUnref = false } = wanted;
  const { request } =
    url.protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  const single = connection.agent === undefined ? { connection: 'close' } : {};
  const sent = request(url, { ...connection, method, timeout, headers: { ...single, ...headers } });
  if (isUnref) sent.once('socket', (socket) => socket.unref());
  const timeoutError = (): Error =>
    Object.assign(new Error(`${receiver} request timed out after ${timeout} ms`), { code: 'ETIMEDOUT' });
  let isAnswered = false;
  try {
    const begin: Begin<PushAnswer> = (resolve, reject) => {
      sent.on('error', reject);
      sent.once('timeout', () => reject(timeoutError()));
      sent.once('response', (resp) => {
        resp.on('error', reject);
        readText(resp, wanted.isAnswerBinary ? 'latin1' : 'utf8', (text) => resolve({ resp, body: text }));
      });
      sent.once('upgrade', (resp, socket) => {
        // No push asks for another protocol. The bytes after the headers belong to it, and are not read.
        socket.on('error', () => undefined).destroy();
        resolve({ resp, body: '' });
      });
      sent.end(body);
    };
    const answer = await untilDeadline(timeout, signal, timeoutError, begin, isUnref);
    isAnswered = true;
    return answer;
  } finally {
    // A server that answers early may never read the rest.
    if (!isAnswered || !sent.writableFinished) sent.destroy();
  }
}

function readText(resp: IncomingMessage, encoding: BufferEncoding, done: (text: string) => void): void {
  let text = '';
  resp.setEncoding(encoding);
  resp.on('data', (part: string) => {
    text += part.slice(0, MAX_ANSWER_CHARACTERS - text.length);
  });
  resp.once('end', () => done(text));
}

/** Starts what is waited for. */
type Begin<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => void;

/**
 * Runs `begin` and settles as it says, or rejects: with `timeoutError` after `timeout` milliseconds, or with the reason
 * of the signal when that is aborted. Keeps the process alive until then, unless `isUnref`.
 */
export async function untilDeadline<T>(
  timeout: number,
  signal: AbortSignal | undefined,
  timeoutError: (timeout: number) => Error,
  begin: Begin<T>,
  isUnref = false,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => reject(timeoutError(timeout)), timeout);
      if (isUnref) timer.unref();
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort);
      begin(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}
