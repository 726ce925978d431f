import { SeededRandom } from '../support/seeded-random.ts';
import { type FuzzOutcome, runOperations } from './fuzz-run.ts';
import { drawOperations, type Operation } from './operations.ts';
import { shrink } from './shrink.ts';

/** Runs the operations of a seed. */
export function fuzz(seed: number, count: number): Promise<FuzzOutcome> {
  return runOperations(drawOperations(new SeededRandom(seed), count));
}

/** The fewest operations by which a seed still fails, and what is wrong then: to be read and run again. */
export async function explain(seed: number, count: number): Promise<string> {
  const operations = await shrink(
    drawOperations(new SeededRandom(seed), count),
    async (part) => (await runOperations(part)).fault !== undefined,
  );
  const { fault } = await runOperations(operations);
  const lines = operations.map((operation: Operation) => `  ${JSON.stringify(operation)}`);
  return `Seed ${seed}, ${count} operations. The shortest list that fails has ${operations.length}:\n${lines.join(',\n')}\n${fault}`;
}
