import { availableParallelism, loadavg } from 'node:os';

/** How many processes share a processor, at least one. A deadline is to end a spec that hangs, not one that has to wait. */
const LOAD = Math.max(1, loadavg()[0]! / availableParallelism());

/** Returns the milliseconds in which something is done that takes this long at most on a quiet machine. */
export function deadline(seconds: number): number {
  return Math.ceil(seconds * 1000 * LOAD);
}
