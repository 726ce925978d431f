import { errorText, warn } from '../../model/error-text.ts';

/** The socket or response that a guard closes when a listener throws. */
interface Closable {
  destroy(): unknown;
}

/**
 * Keeps exceptions of event listeners from the host process, where they would be uncaught: each closes the connection it
 * happened on and is counted, and the first one is reported as a process warning.
 */
export class ListenerGuard {
  readonly #count: () => void;
  #hasWarned = false;

  /** `count` is called for each exception. */
  constructor(count: () => void = () => {}) {
    this.#count = count;
  }

  /** Returns `listener` with its exceptions caught; `closableOf` picks what to close from its arguments. */
  guard<A extends unknown[]>(
    listener: (...args: A) => void,
    closableOf: (...args: A) => Closable,
  ): (...args: A) => void {
    return (...args) => {
      try {
        listener(...args);
      } catch (error) {
        this.#count();
        closableOf(...args).destroy();
        if (this.#hasWarned) return;
        this.#hasWarned = true;
        warn(
          'METRICS_LISTENER_FAILED',
          `A request could not be handled, and its connection was closed: ${errorText(error)}`,
        );
      }
    };
  }
}
