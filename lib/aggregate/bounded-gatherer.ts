import { errorText } from '../model/error-text.ts';
import type { Family, Gatherer } from '../model/family.ts';
import { refuse } from '../model/names.ts';

/** What a gatherer gets beyond its limit, to return what is ready. A registry needs no more. */
const MARGIN_SECONDS = 0.5;

/** So many calls may hang before the next one has to wait: they would pile up. */
const MAX_HUNG = 3;
/** That wait: some promises may have been lost for good. */
const WAIT_MILLISECONDS = 3_600_000;

/** Who wants to know of a gatherer's faults. */
interface GathererListener {
  /** `got` says what there was in place of families. */
  readonly onFault: (got: string) => void;
  /** A call that was given up has ended. */
  readonly onRecovered: () => void;
}

/** Calls a gatherer, which may be an object of the program: it may throw, return anything, or hang. */
export class BoundedGatherer {
  readonly #gatherer: Gatherer;
  readonly #listener: GathererListener;
  /** Calls that were given up and have not ended. */
  #hung = 0;
  #calledAt = 0;

  constructor(gatherer: Gatherer, listener: GathererListener) {
    this.#gatherer = gatherer;
    this.#listener = listener;
  }

  /**
   * Returns the families that are ready within so many seconds, none if the gatherer fails, or undefined if it hangs. Never
   * rejects, and keeps no process alive.
   */
  async gather(limitSeconds: number): Promise<readonly Family[] | undefined> {
    if (this.#hung >= MAX_HUNG && performance.now() - this.#calledAt < WAIT_MILLISECONDS) return undefined;
    this.#calledAt = performance.now();
    const gathered = this.#gathered(limitSeconds);
    const longest = limitSeconds + MARGIN_SECONDS;
    const families = await within(gathered, longest);
    if (families !== undefined) return families;
    this.#hung++;
    this.#listener.onFault(`no answer within ${longest} s`);
    void gathered.then(() => {
      this.#hung--;
      this.#listener.onRecovered();
    });
    return undefined;
  }

  async #gathered(limitSeconds: number): Promise<readonly Family[]> {
    try {
      const families: unknown = await this.#gatherer.gather({ limitSeconds, keepAlive: false });
      if (!Array.isArray(families)) refuse('report metrics', 'gather() to return an array of families', families);
      return families;
    } catch (error) {
      this.#listener.onFault(`an error (${errorText(error)})`);
      return [];
    }
  }
}

/** Resolves like a promise, or to undefined after this time. Keeps no process alive. */
export async function within<T>(promise: Promise<T>, seconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), seconds * 1000);
    timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
