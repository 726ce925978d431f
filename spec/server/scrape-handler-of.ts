import type { RequestHandler } from '../../lib/server/request-handler.ts';
import type { ScrapeExporter } from '../../lib/server/scrape-exporter.ts';
import { createScrapeHandler } from '../../lib/server/scrape-handler.ts';
import type { ScrapePolicy } from '../../lib/server/scrape-policy.ts';
import { serverLimits } from '../../lib/server/server-limits.ts';

/** A handler with the limits that a server has by default. */
export function scrapeHandlerOf(exporter: ScrapeExporter, policy: Partial<ScrapePolicy> = {}): RequestHandler {
  return createScrapeHandler(exporter, { ...serverLimits(), compression: true, onCollectorError: 'omit', ...policy });
}
