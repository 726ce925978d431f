import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type IncomingHttpHeaders, type Server, request as startRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from '../support/started-program.ts';

/** Where a path leads. */
export interface Route {
  /** Of the server behind, without a path. */
  readonly url: string;
  /** Stands in for the `Accept` header of the scraper, for one that cannot be told to ask for this format. */
  readonly accept?: string | undefined;
}

/** What went to and fro in a scrape. */
export interface Exchange {
  /** As the scraper sent them. */
  readonly requestHeaders: IncomingHttpHeaders;
  readonly status: number;
  readonly responseHeaders: IncomingHttpHeaders;
}

/** Stands between scrapers and servers: `/NAME/metrics` is `/metrics` of a route. Keeps the headers of each exchange. */
export class RecordingProxy {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #server: Server;

  private constructor(routes: ReadonlyMap<string, Route>) {
    this.#routes = routes;
    this.#server = createServer((request, response) => this.#pass(request, response));
  }

  /** Starts one on a free port of this machine; it is closed with the test or file that `cleanup` belongs to. */
  static async start(cleanup: Cleanup, routes: ReadonlyMap<string, Route>): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(routes);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    cleanup.after(() => {
      proxy.#server.close();
      proxy.#server.closeAllConnections();
    });
    return proxy;
  }

  /** Host and port, as a target is named. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The last exchange of a route that has been scraped. */
  exchange(name: string): Exchange {
    return this.#exchanges.get(name) ?? assert.fail(`nobody has scraped ${name}`);
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const [, name = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const { url, accept = request.headers.accept } =
      this.#routes.get(name) ?? assert.fail(`there is no ${request.url}`);
    const requestHeaders = request.headers;
    const passed = startRequest(url + path, { headers: { ...requestHeaders, accept } }, (answer) => {
      const { statusCode: status = 0, headers: responseHeaders } = answer;
      response.writeHead(status, responseHeaders);
      answer.pipe(response);
      answer.once('end', () => this.#exchanges.set(name, { requestHeaders, status, responseHeaders }));
    });
    passed.once('error', () => response.destroy());
    passed.end();
  }
}
