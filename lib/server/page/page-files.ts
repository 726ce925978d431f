import { embeddedPage } from './embedded.ts';

/** A file of the page. */
export interface PageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
  /** Hash of the uncompressed bytes, without quotes. */
  readonly hash: string;
}

/** The page's files by path. */
export type PageFiles = Readonly<Record<'/' | '/page.js' | '/page.css', PageFile>>;

/** Returns the files of the page. Decompressing them takes a millisecond in libuv's thread pool, so cache the result. */
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
  // Not imported: the module is loaded by every server, and most are never asked for the page.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { promisify } = process.getBuiltinModule('node:util');
  const { gunzip } = process.getBuiltinModule('node:zlib');
  const gzipped = Buffer.from(base64, 'base64');
  const bytes = await promisify(gunzip)(gzipped);
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { contentType, bytes, gzipped, hash };
}
