import { serverLimits } from '../../../lib/server/common-options.ts';
import type { RequestHandler } from '../../../lib/server/http/exchange.ts';
import { createScrapeHandler } from '../../../lib/server/scrape/scrape-handler.ts';
import type { ScrapeExporter, ScrapePolicy } from '../../../lib/server/scrape/serve-scrape.ts';

/** A handler with the limits that a server has by default. */
export function scrapeHandlerOf(exporter: ScrapeExporter, policy: Partial<ScrapePolicy> = {}): RequestHandler {
  return createScrapeHandler(exporter, { ...serverLimits(), compression: true, onCollectorError: 'omit', ...policy });
}
