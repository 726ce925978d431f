import type { Family, NumberSeries } from '../model/family.ts';
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

/** What a round has to know of its workers. */
export interface RoundOptions {
  /** When it ends at the latest, on the clock of `performance.now()`; in the past once all workers have answered. */
  readonly endsAt: () => number;
  readonly counts: () => WorkerCounts;
  readonly onEnd: () => void;
}

/**
 * One round of questions to the workers, shared by the scrapes that come while it lasts. Each scrape leaves it by its own
 * deadline; what it then lacks is late for that scrape only.
 */
export class Round {
  readonly #options: RoundOptions;
  readonly #ended: Promise<WorkerCounts>;
  #end!: (counts: WorkerCounts) => void;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  /** Scrapes that wait for its end. While there are any, the process stays alive. */
  #waiting = 0;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    // Not at once: the caller has to know the round before it ends.
    queueMicrotask(() => this.look());
  }

  /** Ends the round if there is nothing left to wait for. Called whenever a worker has answered, joined or ended. */
  look(): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#timer);
    const { endsAt, counts, onEnd } = this.#options;
    const rest = endsAt() - performance.now();
    if (rest > 0) {
      this.#timer = setTimeout(() => this.look(), rest + 1);
      if (this.#waiting === 0) this.#timer.unref();
      return;
    }
    this.#hasEnded = true;
    onEnd();
    // Taken now: the next round may begin before those who wait for this one go on.
    this.#end(counts());
  }

  /** Resolves when the round has ended, or after this time with the counts of that moment. Never rejects. */
  async within(milliseconds: number): Promise<WorkerCounts> {
    this.#waiting++;
    this.#timer?.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      // A longer delay than a timer takes, and NaN, would end at once; the round ends before it anyway.
      if (!(milliseconds < LONGEST_DELAY_MILLISECONDS)) return await this.#ended;
      const left = new Promise<WorkerCounts>((resolve) => {
        timer = setTimeout(() => resolve(this.#options.counts()), milliseconds);
      });
      return await Promise.race([this.#ended, left]);
    } finally {
      clearTimeout(timer);
      if (--this.#waiting === 0) this.#timer?.unref();
    }
  }
}

/** Aggregators wait for an hour at most; timers take 24.8 days. */
const LONGEST_DELAY_MILLISECONDS = 3600 * 1000;

const WORKERS = 'metrics_client_workers';
const LATE_REPORTS = 'metrics_client_late_reports_total';
const REFUSED_FAMILIES = 'metrics_client_refused_families_total';

/** The names that an aggregator keeps for itself. */
export const AGGREGATION_FAMILY_NAMES: readonly string[] = [WORKERS, LATE_REPORTS, REFUSED_FAMILIES];

/** How many workers answered a scrape in time, how many did not, and how often that has happened. */
export interface WorkerCounts {
  readonly reporting: number;
  readonly late: number;
  readonly lateReports: number;
  /** How often a family of a worker was refused. */
  readonly refusedFamilies: number;
}

/** Returns the families with which an aggregator reports on its workers. */
export function aggregationFamilies({ reporting, late, lateReports, refusedFamilies }: WorkerCounts): Family[] {
  const head = { unit: '', constantLabels: [] };
  const series = (labelValues: readonly string[], value: number): NumberSeries => ({ labelValues, value });
  return [
    {
      ...head,
      name: WORKERS,
      help: 'Workers that answered this scrape in time (reporting), and those whose last known values it holds (late).',
      type: 'gauge',
      labelNames: ['state'],
      series: [series(['reporting'], reporting), series(['late'], late)],
      memo: new Map(),
    },
    {
      ...head,
      name: LATE_REPORTS,
      help: 'Times that a worker did not answer a scrape in time, so that its last known values were served.',
      type: 'counter',
      labelNames: [],
      series: [series([], lateReports)],
      memo: new Map(),
    },
    {
      ...head,
      name: REFUSED_FAMILIES,
      help: 'Times that a metric of a worker was refused, since it could not be exposed or merged with that of the others.',
      type: 'counter',
      labelNames: [],
      series: [series([], refusedFamilies)],
      memo: new Map(),
    },
  ];
}
