import { SeededRandom } from '../../support/seeded-random.ts';
import { aggregations, clusters } from './programs/aggregations.ts';
import { constructors, oddArguments } from './programs/arguments.ts';
import { buckets, defaultMetrics } from './programs/functions.ts';
import { habits } from './programs/habits.ts';
import { KINDS, type Program, times } from './programs/program.ts';
import { pushes } from './programs/pushes.ts';
import { foreignMetrics, registries } from './programs/registries.ts';
import { shapes } from './programs/shapes.ts';
import { childOf, exemplars, lifeOf, timers } from './programs/updates.ts';

/** Programs for every public method with every documented shape of arguments, and with odd ones. The same seed gives the same. */
export function generatePrograms(seed: number): Program[] {
  const random = new SeededRandom(seed);
  const programs = [
    ...times(45, () => KINDS.map((kind) => lifeOf(kind, random))).flat(),
    ...KINDS.flatMap(oddArguments),
    ...KINDS.flatMap(constructors),
    ...times(12, () => KINDS.map((kind) => childOf(kind, random))).flat(),
    ...KINDS.flatMap(timers),
    ...exemplars(random),
    ...registries(random),
    ...foreignMetrics(),
    ...aggregations(random),
    ...buckets(random),
    ...pushes(random),
    ...clusters(),
    ...defaultMetrics(),
    ...shapes(),
    ...habits(),
  ];
  return [...new Map(programs.map((program) => [program.lines.join('\n'), program])).values()];
}
