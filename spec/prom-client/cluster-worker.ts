import { AggregatorRegistry, Counter, Gauge, Registry } from '../../lib/index.ts';

// A worker of node:cluster for cluster-registry.test.ts, told what to do by messages.

/** What a spec may tell the worker to do. */
export interface Order {
  readonly order: 'count' | 'hang' | 'other' | 'shutdown';
  readonly name: string;
}

const registry = new AggregatorRegistry();

process.on('message', async ({ order, name = '' }: Partial<Order>) => {
  switch (order) {
    case 'count':
      new Counter({ name: `${name}_total`, help: 'Counted.', ifExists: 'reuse' }).inc(2);
      new Gauge({ name, help: 'Set.', ifExists: 'reuse' }).set(2);
      break;
    case 'other': {
      const registers = [new Registry(), new Registry()];
      for (const one of registers) new Counter({ name: `${name}_total`, help: 'Counted.', registers: [one] }).inc(3);
      AggregatorRegistry.setRegistries(registers);
      break;
    }
    case 'shutdown':
      new Counter({ name: `${name}_total`, help: 'Counted.', ifExists: 'reuse' }).inc(5);
      await registry.shutdown();
      process.disconnect();
      return;
    case 'hang':
      process.send!({ done: true });
      // Asleep, so that it takes no processor time from the others; its event loop stands all the same.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      return;
    case undefined:
      return;
  }
  process.send!({ done: true });
});
process.send!({ done: true });
