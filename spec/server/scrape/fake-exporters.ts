import type { ScrapeExporter } from '../../../lib/server/scrape/serve-scrape.ts';
import { turn } from '../turn.ts';

/** A chunk as large as an exporter's usual one. */
export const CHUNK = Buffer.alloc(65_536, 'x');

/** An exporter that yields what `chunks` does. */
export function exporterOf(chunks: ScrapeExporter['chunks']): ScrapeExporter {
  return { chunks, contentType: () => 'text/plain; version=0.0.4; charset=utf-8', release() {} };
}

/** An exporter of `count` chunks that counts how many were rendered and tells when it was stopped. */
export function countingExporter(count: number) {
  const state = { rendered: 0 };
  let stop: () => void;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  async function* chunks() {
    try {
      for (; state.rendered < count; state.rendered++) {
        await turn();
        yield CHUNK;
      }
    } finally {
      stop();
    }
  }
  return { ...exporterOf(chunks), state, stopped };
}

/** Yields `count` chunks, then throws. */
export async function* failingAfter(count: number, message: string) {
  for (let i = 0; i < count; i++) yield CHUNK;
  await turn();
  throw new Error(message);
}
