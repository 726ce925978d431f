import type { MetricsRegistry } from '../../lib/core.ts';
import { type ParsedFamily, parseExposition } from './parse-exposition.ts';

/** Scrapes a registry and reads its exposition by the strict parser, which throws on any fault in it. */
export async function scrape(registry: MetricsRegistry): Promise<ParsedFamily[]> {
  return parseExposition(await registry.metrics());
}

/** The names of the families, in the order of the text. */
export function namesOf(families: readonly ParsedFamily[]): string[] {
  return families.map(({ name }) => name);
}
