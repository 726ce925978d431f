import type { MetricsServerOptions } from '@finpilot/metrics';

/** What the process under load serves, and what it does meanwhile. */
export interface TargetOptions {
  /** A metrics server, or a bare node:http server that answers with bytes rendered once. */
  readonly kind: 'metrics' | 'bare';
  /** Series of one gauge beside the FinPilot catalogue; none unless given. */
  readonly series?: number;
  /** How often the metrics are updated; never unless given. */
  readonly updatesPerSecond?: number;
  readonly server?: MetricsServerOptions;
}

/** How the process under load is. */
export interface TargetState {
  /** Live heap after a garbage collection. */
  readonly heapBytes: number;
  /** Everything that the event loop waits for, sockets among it. */
  readonly resources: number;
  /** Updates so far. */
  readonly updates: number;
}
