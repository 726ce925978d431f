import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, warn } from '../../model/error-text.ts';
import { embeddedPage } from '../page/embedded.ts';
import { contentEncodingOf } from './compression.ts';
import { isAnswered, ListenerGuard, PLAIN_TEXT, type RequestHandler, send } from './exchange.ts';

// The page loads from this server only, runs no inline code, sends data nowhere else, and cannot be framed.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The handlers of the page, by path. */
type LandingPage = Readonly<Record<keyof PageFiles, RequestHandler>>;

/**
 * Returns the handlers, by path, of the page that shows the metrics live in a browser: the page at `/`, its script and
 * its style. The page reads `/metrics`, `/health` and `/ready` of the same server.
 *
 * The first request for one of the files calls `load`. If that fails, the answer is 500, the first failure is reported
 * as a process warning, and the next request tries again.
 */
export function createLandingPage(
  load: () => Promise<PageFiles>,
  listeners: ListenerGuard = new ListenerGuard(),
): LandingPage {
  let loading: Promise<PageFiles> | undefined;
  let isReported = false;
  const report = (error: unknown): void => {
    if (!isReported) warn('METRICS_PAGE_FAILED', `Cannot serve the page at /: ${errorText(error)}`);
    isReported = true;
  };
  const handlerOf =
    (path: keyof PageFiles): RequestHandler =>
    (request, response) => {
      const answer = (files: PageFiles) => sendFile(files[path], request, response);
      const fail = (error: unknown) => {
        loading = undefined;
        report(error);
        // Not the error itself: it could reveal paths on this machine.
        const body = 'Cannot serve the page: a warning of the process says why.\n';
        send(request, response, { status: 500, contentType: PLAIN_TEXT, body });
      };
      loading ??= load();
      loading.then(
        listeners.guard(answer, () => response),
        listeners.guard(fail, () => response),
      );
    };
  return { '/': handlerOf('/'), '/page.js': handlerOf('/page.js'), '/page.css': handlerOf('/page.css') };
}

function sendFile(file: PageFile, request: IncomingMessage, response: ServerResponse): void {
  const isGzip = contentEncodingOf(request.headers['accept-encoding'], ['gzip']) === 'gzip';
  // A strong tag identifies the bytes sent, so each content coding has its own (RFC 9110, section 8.8.3.3).
  const tag = `"${file.hash}${isGzip ? '-gzip' : ''}"`;
  const headers = {
    // Cached, but revalidated each time, so that script and page match after a deploy.
    'Cache-Control': 'no-cache',
    ETag: tag,
    Vary: 'Accept-Encoding',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Referrer-Policy': 'no-referrer',
  };
  if (isNamed(tag, request.headers['if-none-match'])) {
    if (!isAnswered(response)) response.writeHead(304, headers).end();
    return;
  }
  send(request, response, {
    status: 200,
    contentType: file.contentType,
    body: isGzip ? file.gzipped : file.bytes,
    headers: isGzip ? { ...headers, 'Content-Encoding': 'gzip' } : headers,
  });
}

// RFC 9110, section 13.1.2: a list, or `*`. A proxy that changes the content coding marks the tag as weak.
function isNamed(tag: string, ifNoneMatch = ''): boolean {
  return ifNoneMatch.split(',').some((named) => ['*', tag, `W/${tag}`].includes(named.trim()));
}

/** A file of the page. */
interface PageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
  /** Hash of the uncompressed bytes, without quotes. */
  readonly hash: string;
}

/** The page's files by path. */
type PageFiles = Readonly<Record<'/' | '/page.js' | '/page.css', PageFile>>;

/**
 * Returns the files of the page. Decompressing them takes a millisecond in libuv's thread pool, so cache the result.
 */
export async function pageFiles(): Promise<PageFiles> {
  const embedded = embeddedPage();
  const [page, script, style] = await Promise.all([
    pageFile('text/html; charset=utf-8', embedded.html),
    pageFile('text/javascript; charset=utf-8', embedded.script),
    pageFile('text/css; charset=utf-8', embedded.style),
  ]);
  return { '/': page, '/page.js': script, '/page.css': style };
}

async function pageFile(contentType: string, base64: string): Promise<PageFile> {
  // Loaded here, not imported: every server loads this module, and most never serve the page.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { promisify } = process.getBuiltinModule('node:util');
  const { gunzip } = process.getBuiltinModule('node:zlib');
  const gzipped = Buffer.from(base64, 'base64');
  const bytes = await promisify(gunzip)(gzipped);
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { contentType, bytes, gzipped, hash };
}
