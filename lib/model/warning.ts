/** Host functions that not every JavaScript runtime has; Node, Bun and Deno do. */
interface Host {
  readonly process?: { readonly emitWarning?: (message: string, options: { type: string; code: string }) => void };
}

/**
 * Tells the operator of something that is wrong but must not stop the program: a process warning, which Node prints to
 * standard error and hands to `process.on('warning')`; where there is no process, `console.warn`.
 */
export function warn(code: string, message: string): void {
  const { process } = globalThis as Host;
  if (typeof process?.emitWarning === 'function') process.emitWarning(message, { type: 'MetricsWarning', code });
  else console.warn(`MetricsWarning [${code}]: ${message}`);
}
