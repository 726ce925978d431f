/** The most characters of a thrown value's text that a message shows: enough for a cause, and no megabytes in a log. */
const MAX_CHARACTERS = 1000;

/** The text of a larger bigint would be cut anyway, and takes the engine quadratic time. */
const LONGEST_BIGINT = 10n ** 1000n;

const NO_TEXT = 'an error that cannot be shown as text';

/**
 * Returns a text for a thrown value: never empty, at most 1,000 characters, whatever the value is and does. Never throws.
 *
 * Of an object it is the first of its `message`, `code` and `name` that is text. (A failed connection may carry its reason
 * in `code` alone: the AggregateError of a host with several addresses has an empty message.) Each may be an accessor
 * that throws, and the object a revoked Proxy.
 */
export function errorText(error: unknown): string {
  return shortened(fullText(error));
}

/** Returns the `code` of a thrown value, such as `ECONNREFUSED`, if it has one that is text. Never throws. */
export function errorCode(error: unknown): string | undefined {
  const code = textProperty(error, 'code');
  return code === undefined ? undefined : shortened(code);
}

/** Cuts a text that is too long for a message, never in the middle of a character. */
export function shortened(text: string, maxCharacters = MAX_CHARACTERS): string {
  if (text.length <= maxCharacters) return text;
  const start = text.slice(0, maxCharacters - 1);
  const isCutInCharacter = text.charCodeAt(start.length - 1) >> 10 === 0x36; // a high surrogate
  return `${isCutInCharacter ? start.slice(0, -1) : start}…`;
}

function fullText(error: unknown): string {
  try {
    const isObject = (typeof error === 'object' && error !== null) || typeof error === 'function';
    const text = isObject ? objectText(error) : primitiveText(error);
    return text.trim() === '' ? NO_TEXT : text;
  } catch {
    return NO_TEXT;
  }
}

function primitiveText(value: unknown): string {
  if (typeof value === 'bigint' && (value > LONGEST_BIGINT || value < -LONGEST_BIGINT))
    return 'a bigint of over 1,000 digits';
  return String(value);
}

function objectText(error: object): string {
  const text = textProperty(error, 'message') ?? textProperty(error, 'code') ?? textProperty(error, 'name');
  if (text !== undefined) return text;
  // The text of an array is as long as its elements make it, which may be gigabytes before it could be cut.
  return Array.isArray(error) || ArrayBuffer.isView(error) ? 'an array' : String(error);
}

/** Returns a property if it can be read and is text, or a number, and not blank. */
function textProperty(owner: unknown, name: 'message' | 'code' | 'name'): string | undefined {
  try {
    const value = (owner as Readonly<Record<string, unknown>> | null | undefined)?.[name];
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && text.trim() !== '' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Host functions that not every JavaScript runtime has; Node, Bun and Deno do. */
interface Host {
  readonly process?: { readonly emitWarning?: (message: string, options: { type: string; code: string }) => void };
}

/**
 * Reports a problem that must not stop the program: as a process warning, which Node prints to standard error and passes to
 * `process.on('warning')`, or by `console.warn` if there is no process.
 */
export function warn(code: string, message: string): void {
  const { process } = globalThis as Host;
  if (typeof process?.emitWarning === 'function') process.emitWarning(message, { type: 'MetricsWarning', code });
  else console.warn(`MetricsWarning [${code}]: ${message}`);
}
