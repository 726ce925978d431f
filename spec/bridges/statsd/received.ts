import { MappingRules, type StatsdRule } from '../../../lib/bridges/statsd/mapping-rules.ts';
import { type SignedGauges, StatsdReceiver } from '../../../lib/bridges/statsd/receiver.ts';
import { MetricsRegistry } from '../../../lib/core.ts';
import { parseExposition } from '../../support/parse-exposition.ts';

/** What a receiver is told, as far as a spec cares. */
export interface TestOptions {
  readonly registry?: MetricsRegistry;
  readonly rules?: readonly StatsdRule[];
  readonly unmapped?: 'keep' | 'drop';
  readonly buckets?: readonly number[];
  readonly quantiles?: readonly number[];
  readonly signedGauges?: SignedGauges;
  readonly maxSeries?: number;
  readonly idleSeconds?: number;
}

/** A receiver with a registry of its own. */
export function createReceiver(options: TestOptions = {}): { registry: MetricsRegistry; receiver: StatsdReceiver } {
  const {
    registry = new MetricsRegistry(),
    rules = [],
    unmapped = 'keep',
    buckets = [1, 2],
    quantiles,
    signedGauges = 'relative',
  } = options;
  const { maxSeries = 1000, idleSeconds = Infinity } = options;
  const settings = {
    registry,
    rules: new MappingRules(rules, unmapped === 'keep'),
    buckets: quantiles === undefined ? buckets : undefined,
    quantiles,
    maxSeries,
    idleSeconds,
  };
  return { registry, receiver: new StatsdReceiver(settings, signedGauges) };
}

/** The samples of what was received, without the receiver's own, in the form of the text format, sorted. */
export async function samplesOf(registry: MetricsRegistry, pattern = /^(?!metrics_client_)/): Promise<string[]> {
  return parseExposition(await registry.metrics())
    .flatMap(({ samples }) => samples)
    .filter(({ name, labels }) => pattern.test(name) && (labels.get('le') ?? '+Inf') === '+Inf')
    .map(({ name, labels, value }) => {
      const shown = [...labels].filter(([, text]) => text !== '' && text !== '+Inf').sort();
      const braces = shown.length === 0 ? '' : `{${shown.map(([label, text]) => `${label}="${text}"`).join()}}`;
      return `${name}${braces} ${value}`;
    })
    .sort();
}

/** What lines become. */
export async function received(lines: string, options?: TestOptions): Promise<string[]> {
  const { registry, receiver } = createReceiver(options);
  receiver.receive(lines, 'udp');
  receiver.flush();
  return samplesOf(registry);
}

/** How many lines were dropped, by reason. */
export async function dropped(lines: string, options?: TestOptions): Promise<Record<string, number>> {
  const { registry, receiver } = createReceiver(options);
  receiver.receive(lines, 'udp');
  return droppedBy(registry);
}

/** The same for a registry. */
export async function droppedBy(registry: MetricsRegistry): Promise<Record<string, number>> {
  const families = parseExposition(await registry.metrics());
  const samples = families.find(({ name }) => name === 'metrics_client_statsd_dropped_lines_total')?.samples ?? [];
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.get('reason')!, value]));
}
