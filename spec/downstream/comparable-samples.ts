import { parse } from '../../lib/parse/index.ts';

/** Samples whose value is a time, and so never twice the same. */
const TIME = /(seconds|milliseconds|perf)(_bucket|_sum)?$/;

/**
 * The samples of an exposition in a form in which those of two clients can be compared: sorted, labels sorted, numbers in
 * labels in one form, and a `*` for a value that is a time, or `varying`.
 */
export function comparableSamples(text: string, varying?: RegExp): string[] {
  const lines = parse(text).flatMap(({ samples }) =>
    samples.map(({ name, labels, value }) => {
      const pairs = [...labels].map(
        ([label, of]) => `${label}=${JSON.stringify(label === 'le' || label === 'quantile' ? canonical(of) : of)}`,
      );
      return `${name}{${pairs.sort().join(',')}} ${TIME.test(name) || varying?.test(name) === true ? '*' : value}`;
    }),
  );
  return lines.sort();
}

function canonical(number: string): string {
  return number === '+Inf' ? number : String(Number(number));
}
