import { MetricsRegistry } from './metrics-registry.ts';

/** The default registry: metrics join it unless their `registers` option says otherwise. */
export const register = new MetricsRegistry();
