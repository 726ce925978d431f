import { MetricsRegistry } from '../../lib/core.ts';

/** The first run of a collector loads a module, which takes longer than the turn that tests wait. */
export async function loadCollectors(): Promise<void> {
  const registry = new MetricsRegistry();
  registry.registerCollector({ name: 'first', collect: () => [] });
  await registry.gather();
}

export async function namesOf(gathering: ReturnType<MetricsRegistry['gather']>): Promise<string[]> {
  return (await gathering).map(({ name }) => name);
}
