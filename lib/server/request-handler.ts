import type { IncomingMessage, ServerResponse } from 'node:http';

/** What answers a request of `node:http`, and of the servers built on it. Never throws and never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
