import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request handler for `node:http` and the servers built on it. Never throws and never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
