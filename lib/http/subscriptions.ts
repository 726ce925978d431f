import { errorText, warn } from '../model/error-text.ts';

/** The channels of `node:diagnostics_channel` that are listened to. */
export class Subscriptions {
  readonly #all: (readonly [name: string, listener: (message: unknown) => void])[] = [];
  #hasWarned = false;

  /** Calls `listener` with each message of a channel. */
  add<M>(name: string, listener: (message: M) => void): void {
    const guarded = this.guard(listener) as (message: unknown) => void;
    this.#all.push([name, guarded]);
    process.getBuiltinModule('node:diagnostics_channel').subscribe(name, guarded);
  }

  /** Returns a listener that never throws: to Node, what it threw would be uncaught. The first error is reported. */
  guard<M>(listener: (message: M) => void): (message: M) => void {
    return (message) => {
      try {
        listener(message);
      } catch (error) {
        if (this.#hasWarned) return;
        this.#hasWarned = true;
        warn('METRICS_HTTP_FAILED', `A request could not be counted: ${errorText(error)}`);
      }
    };
  }

  removeAll(): void {
    const { unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
    for (const [name, listener] of this.#all.splice(0)) unsubscribe(name, listener);
  }
}
