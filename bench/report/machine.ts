import { availableParallelism, cpus, totalmem } from 'node:os';

/** Says on what machine, with which Node and on which day a table was measured. */
export function machine(nodeVersion: string): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  const size = `${availableParallelism()} cores, ${gigabytes} GB, ${process.platform} ${process.arch}`;
  return `${model}, ${size}; Node.js ${nodeVersion}; ${day}`;
}
