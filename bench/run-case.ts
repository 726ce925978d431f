/**
 * One measurement in a process of its own: `node run-case.js FIGURE LIBRARY [--slow-on-purpose]`. Prints the
 * measurements as JSON on its last line.
 */
import { allCases } from './cases/all.ts';
import { loadLibrary } from './library.ts';
import { slowDown } from './slow-on-purpose.ts';

const [figureName, libraryName, flag] = process.argv.slice(2);
const found = allCases.find(({ figures }) => figures[0]?.name === figureName);
if (found === undefined)
  throw new RangeError(`Cannot run a case: expected the name of a first figure, got "${figureName}".`);
const library = await loadLibrary(libraryName!);
if (flag === '--slow-on-purpose') slowDown(library);
const measurements = await found.run(library);
process.stdout.write(`\n${JSON.stringify(measurements)}\n`, () => process.exit());
