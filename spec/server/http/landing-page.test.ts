import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createLandingPage, pageFiles } from '../../../lib/server/http/landing-page.ts';
import { createRouter } from '../../../lib/server/http/request-flow.ts';
import { embeddedPage } from '../../../lib/server/page/embedded.ts';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { collectWarnings } from '../warnings.ts';

const { html, script, style } = Object.fromEntries(
  Object.entries(embeddedPage()).map(([name, base64]) => [name, gunzipSync(Buffer.from(base64, 'base64')).toString()]),
) as ReturnType<typeof embeddedPage>;
const FILES = [
  ['/', 'text/html; charset=utf-8', html],
  ['/page.js', 'text/javascript; charset=utf-8', script],
  ['/page.css', 'text/css; charset=utf-8', style],
] as const;

const serve = async (t: TestContext): Promise<string> =>
  (await servePlainly(t, createRouter(createLandingPage(pageFiles)))).url;

/** The body as bytes: ask() would take them for text. */
async function bytesOf(url: string, acceptEncoding: string): Promise<{ headers: Headers; bytes: Buffer }> {
  // fetch() decodes what it knows, and says nothing of it but by the length.
  const response = await fetch(url, { headers: { 'accept-encoding': acceptEncoding } });
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

test('createLandingPage(pageFiles) serves the page, its script and its style, with their types and lengths', async (t) => {
  const url = await serve(t);
  for (const [path, contentType, text] of FILES) {
    const { status, headers, body } = await ask(url + path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], contentType);
    assert.equal(headers['content-length'], String(Buffer.byteLength(text)));
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['vary'], 'Accept-Encoding');
    assert.equal(body, text);
  }
});

test('createLandingPage(pageFiles) compresses for those who take gzip, to less than 30 KB for all files together', async (t) => {
  const url = await serve(t);
  let sizeBytes = 0;
  for (const [path, , text] of FILES) {
    const { headers, bytes } = await bytesOf(url + path, 'gzip');
    assert.equal(headers.get('content-encoding'), 'gzip');
    assert.equal(bytes.toString(), text);
    sizeBytes += Number(headers.get('content-length'));
  }
  t.diagnostic(`${sizeBytes} bytes`);
  assert.ok(sizeBytes < 30_000, `${sizeBytes} bytes`);
});

test('createLandingPage(pageFiles) answers HEAD with the headers of GET and no body', async (t) => {
  const url = await serve(t);
  for (const encoding of ['identity', 'gzip']) {
    const headers = { 'accept-encoding': encoding };
    const got = await fetch(`${url}/page.js`, { headers });
    const head = await ask(`${url}/page.js`, { method: 'HEAD', headers });
    assert.equal(head.body, '');
    assert.equal(head.headers['content-length'], got.headers.get('content-length'));
    assert.equal(head.headers['etag'], got.headers.get('etag'));
  }
});

test('createLandingPage(pageFiles) answers 304 to a browser that has the file, and tells the codings apart', async (t) => {
  const url = `${await serve(t)}/page.js`;
  const tags = new Set<string>();
  for (const encoding of ['identity', 'gzip']) {
    const tag = (await ask(url, { headers: { 'accept-encoding': encoding } })).headers['etag']!;
    assert.match(tag, /^"[\w-]+"$/);
    tags.add(tag);
    for (const named of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const { status, headers, body } = await ask(url, {
        headers: { 'accept-encoding': encoding, 'if-none-match': named },
      });
      assert.deepEqual([status, headers['etag'], headers['content-type'], body], [304, tag, undefined, ''], named);
    }
    const other = await ask(url, { headers: { 'accept-encoding': encoding, 'if-none-match': '"other"' } });
    assert.equal(other.status, 200);
  }
  assert.equal(tags.size, 2);
});

test('createLandingPage(pageFiles) forbids the page whatever is not from its own server', async (t) => {
  const url = await serve(t);
  for (const [path] of FILES) {
    assert.equal(
      (await ask(url + path)).headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'",
    );
  }
});

test('createLandingPage(pageFiles) links the paths of the server, relative to its own, and has nothing inline', () => {
  const linked = [...html.matchAll(/<(?:a|script|link)\b[^>]*? (?:href|src)="([^"]*)"/g)].map(([, target]) => target);
  assert.deepEqual(linked, ['data:,', 'page.css', 'page.js', '#metrics', 'health', 'ready', 'metrics']);
  assert.doesNotMatch(html, /<style|<script[^>]*>[^<]| style=| on\w+=|https?:/i);
  assert.doesNotMatch(style, /@import|url\(|https?:/i);
});

test('createLandingPage(pageFiles) answers 500 where its files cannot be loaded, warns once, and tries again', async (t) => {
  const warnings = collectWarnings(t);
  let attempts = 0;
  const page = createLandingPage(async () => {
    attempts++;
    if (attempts < 3) throw new Error('Cannot find module /srv/app/shared.js');
    return (await import('../../../lib/server/http/landing-page.ts')).pageFiles();
  });
  const { url } = await servePlainly(t, createRouter(page));
  for (let i = 0; i < 2; i++) {
    const { status, body } = await ask(url);
    assert.deepEqual([status, body], [500, 'Cannot serve the page: a warning of the process says why.\n']);
  }
  assert.equal((await ask(url)).status, 200);
  assert.equal(attempts, 3);
  assert.deepEqual(warnings, ['Cannot serve the page at /: Cannot find module /srv/app/shared.js']);
});
