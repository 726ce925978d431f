import { describe, refuse } from '../model/names.ts';
import type { LineAddress } from './line-socket.ts';
import type { PushOptions } from './push-loop.ts';

/** The options that all bridges that push have. */
export const PUSH_OPTIONS = [
  'registry',
  'intervalSeconds',
  'timeoutSeconds',
] as const satisfies readonly (keyof PushOptions)[];

/** The options of an address. */
export const ADDRESS_OPTIONS = [
  'host',
  'port',
  'protocol',
  'socketPath',
] as const satisfies readonly (keyof LineAddress)[];

/**
 * Throws a TypeError unless options are an object of names that are known: a typing error would go unnoticed. `action` is what
 * cannot be done otherwise, such as `push metrics to StatsD`.
 */
export function checkBridgeOptions(action: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    refuse(action, 'options as an object', options);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `Cannot ${action}: expected the options ${known.join(', ')}, got ${describe(unknown)}. Look for a typing error.`,
  );
}
