import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { cutOff } from './cut-off.ts';
import type { ScrapeExporter } from './scrape-exporter.ts';

/** A scrape that has begun. */
export interface BegunScrape {
  readonly response: ServerResponse;
  /** The response, or what compresses for it. */
  readonly destination: Writable;
  readonly exporter: ScrapeExporter;
  readonly first: Uint8Array;
  readonly next: IteratorResult<Uint8Array>;
  /** What follows those two. */
  readonly chunks: AsyncIterator<Uint8Array>;
  /** When nobody waits for it any longer, on the clock of `performance.now()`. */
  readonly endsAt: number;
}

/**
 * Writes all chunks as fast as the client takes them, and ends the destination; returns early when it has gone, and cuts it
 * off at `endsAt`.
 */
export async function streamChunks(scrape: BegunScrape): Promise<void> {
  const { response, destination, exporter, first, next, chunks, endsAt } = scrape;
  const timer = setTimeout(() => cutOff(response), endsAt - performance.now()).unref();
  const write = (chunk: Uint8Array) =>
    destination.write(chunk, (error) => {
      // After an error the chunk may still be on its way.
      if (!error) exporter.release(chunk);
    });
  try {
    write(first);
    for (let chunk = next; chunk.done !== true && !destination.destroyed; chunk = await chunks.next()) {
      if (!write(chunk.value) && !(await hasDrained(destination))) return;
    }
    destination.end();
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves to true when the client can take more, to false when it has gone: a socket that died full never drains. */
function hasDrained(destination: Writable): Promise<boolean> {
  return new Promise((resolve) => {
    const drained = () => settle(true);
    const closed = () => settle(false);
    const settle = (isDrained: boolean) => {
      destination.off('drain', drained);
      destination.off('close', closed);
      resolve(isDrained);
    };
    destination.on('drain', drained);
    destination.on('close', closed);
  });
}
