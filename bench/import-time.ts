/**
 * Prints the milliseconds that it takes to load the module in its argument, in a process that has already loaded
 * node:http. Imports hardly anything else, so that little is loaded beforehand.
 */
import { startClock } from '../lib/cli/measure.ts';
import 'node:http';
import { createRequire } from 'node:module';
import { PEERS_FOLDER } from './folders.ts';

const specifier = process.argv[2]!;
const require = createRequire(`${PEERS_FOLDER}/package.json`);
const stop = startClock();
// Peers are CommonJS and are loaded as they load fastest.
if (specifier.startsWith('file:')) await import(specifier);
else require(specifier);
console.log(stop());
