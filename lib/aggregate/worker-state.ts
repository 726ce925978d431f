import { PROTOCOL, type ToWorker } from './message.ts';
import type { Source } from './source.ts';

/** What a worker is created with. */
export interface WorkerStateOptions {
  readonly aggregator: string;
  readonly place: number;
  readonly send: (message: ToWorker) => void;
  readonly mayReport: boolean;
}

/** What an aggregator knows of a worker: its reporters, of which there is one for each copy of the module in it. */
export class WorkerState {
  /** From 1 on, no two workers at once having the same. */
  readonly place: number;
  readonly sources = new Map<string, Source>();
  /** Whether it may have a reporter that has not been heard of. */
  mayReport: boolean;
  /** Since when an answer is waited for, on the clock of `performance.now()`. */
  askedAt = 0;
  /** When it was last asked. */
  #lastAskedAt = 0;
  readonly #aggregator: string;
  readonly #send: (message: ToWorker) => void;
  #request = 0;

  constructor({ aggregator, place, send, mayReport }: WorkerStateOptions) {
    this.#aggregator = aggregator;
    this.place = place;
    this.#send = (message) => {
      try {
        send(message);
      } catch {
        // A worker that is gone, or could not be started, needs no message. This may run in a listener of the host's.
      }
    };
    this.mayReport = mayReport;
  }

  /** Whether it has been asked and has not answered. */
  get isAsked(): boolean {
    if (this.sources.size === 0) return this.#request > 0 && this.mayReport;
    for (const { answered } of this.sources.values()) if (answered < this.#request) return true;
    return false;
  }

  /** Whether it should be asked: it is not being asked, or that was so long ago that the message may be lost. */
  isToBeAsked(timeoutMilliseconds: number): boolean {
    return !this.isAsked || performance.now() > this.#lastAskedAt + 10 * timeoutMilliseconds;
  }

  /** Asks its reporters for their values. */
  ask(request: number): void {
    this.#lastAskedAt = performance.now();
    // A hung worker that is asked once more is not waited for once more.
    if (!this.isAsked) this.askedAt = this.#lastAskedAt;
    this.#request = request;
    this.#send({ protocol: PROTOCOL, aggregator: this.#aggregator, kind: 'ask', request });
  }

  /** Says something that needs no answer. */
  send(kind: 'leave'): void;
  send(kind: 'taken', reporter: string): void;
  send(kind: 'leave' | 'taken', reporter = ''): void {
    const head = { protocol: PROTOCOL, aggregator: this.#aggregator } as const;
    this.#send(kind === 'taken' ? { ...head, kind, reporter } : { ...head, kind });
  }
}
