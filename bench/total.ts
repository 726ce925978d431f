import { parseExposition } from '../spec/support/parse-exposition.ts';
import { OURS, type Library } from './library.ts';

/**
 * Returns the sum of all samples of this name in a library's exposition.
 *
 * Ours is read by the independent strict parser of the specs. That one refuses what the peers write (bounds that are
 * not in canonical form), so theirs is read line by line.
 */
export function totalOf(library: Library, exposition: Uint8Array, sampleName: string): number {
  const text = new TextDecoder().decode(exposition);
  const samples = library.name.startsWith(OURS)
    ? parseExposition(text).flatMap((family) => family.samples)
    : text.split('\n').map((line) => ({ name: line.slice(0, line.search(/[{ ]/)), value: valueAtEnd(line) }));
  return samples.reduce((total, { name, value }) => (name === sampleName ? total + value : total), 0);
}

function valueAtEnd(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}
