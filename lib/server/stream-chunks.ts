import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { cutOff } from './cut-off.ts';
import { type Deadline, OVER } from './scrape-deadline.ts';
import type { ScrapeExporter } from './scrape-exporter.ts';
import type { ScrapeSlot } from './scrape-slots.ts';

/** A scrape that has begun. */
export interface BegunScrape {
  readonly response: ServerResponse;
  /** The response, or what compresses for it. */
  readonly destination: Writable;
  readonly exporter: ScrapeExporter;
  readonly first: Uint8Array;
  readonly next: IteratorResult<Uint8Array>;
  /** The chunks after those two. */
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly deadline: Deadline;
  /** Given back while the client has to take something first. */
  readonly slot: ScrapeSlot;
}

/**
 * Writes all chunks as fast as the client takes them, and ends the destination. Returns early when the client has gone, and
 * cuts it off at the deadline.
 */
export async function streamChunks(scrape: BegunScrape): Promise<void> {
  const { response, destination, exporter, first, next, chunks, deadline, slot } = scrape;
  const write = (chunk: Uint8Array) =>
    destination.write(chunk, (error) => {
      // After an error the chunk may still be on its way.
      if (!error) exporter.release(chunk);
    });
  write(first);
  let chunk: IteratorResult<Uint8Array> | typeof OVER = next;
  while (chunk !== OVER && chunk.done !== true && !destination.destroyed) {
    if (!write(chunk.value)) {
      slot.pause();
      if ((await deadline.over(hasDrained(destination))) !== true || (await deadline.over(slot.resume())) === OVER)
        break;
    }
    chunk = await deadline.over(chunks.next());
  }
  if (chunk !== OVER && chunk.done === true) destination.end();
  else cutOff(response);
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
