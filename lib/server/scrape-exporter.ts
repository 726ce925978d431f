import type { ScrapeOptions } from '../exposition/exposition-writer.ts';

/** The methods of an exporter that a scrape uses. */
export interface ScrapeExporter {
  /** Gathers and renders; a chunk that was yielded is not written to again until it is released. */
  chunks(accept?: string, options?: ScrapeOptions): AsyncIterable<Uint8Array>;
  /** Takes back a chunk that has left. */
  release(chunk: Uint8Array): void;
  contentType(accept?: string): string;
}
