import type { Library } from './library.ts';

/** Makes `inc()` of every counter child waste some 30 ns, to show that `bench:guard` notices. */
export function slowDown(library: Library): void {
  const registers = [new library.Registry()];
  const counter = new library.Counter({ name: 'bench_slow_total', help: 'Slow.', labelNames: ['kind'], registers });
  const prototype = Object.getPrototypeOf(counter.labels('any')) as { inc(amount?: number): void };
  const fast = prototype.inc;
  let waste = 0;
  prototype.inc = function slowInc(amount) {
    for (let i = 0; i < 32; i++) waste = (waste * 31 + i) | 0;
    fast.call(this, amount);
  };
}
