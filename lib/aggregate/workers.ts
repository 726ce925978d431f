import type { Family, NumberSeries } from '../model/family.ts';
import { PROTOCOL, type ToWorker } from './message.ts';
import type { Source } from './source.ts';

/** Options for a worker's state. */
interface WorkerStateOptions {
  readonly aggregator: string;
  readonly place: number;
  readonly send: (message: ToWorker) => void;
  readonly mayReport: boolean;
  readonly onBye: () => void;
}

/** A worker as its aggregator sees it. It has one reporter, and so one source, for each copy of the module. */
export class WorkerState {
  /** Counted from 1. No two workers have the same place at the same time. */
  readonly place: number;
  readonly sources = new Map<string, Source>();
  /** Whether it may have a reporter that has not sent anything yet. */
  mayReport: boolean;
  /** Called when its last reporter has stopped. */
  readonly onBye: () => void;
  /** When the pending request was sent, by `performance.now()`. */
  askedAt = 0;
  /** When the last request was sent, which may repeat a pending one. */
  #lastAskedAt = 0;
  readonly #aggregator: string;
  readonly #send: (message: ToWorker) => void;
  #request = 0;

  constructor({ aggregator, place, send, mayReport, onBye }: WorkerStateOptions) {
    this.#aggregator = aggregator;
    this.place = place;
    this.#send = (message) => {
      try {
        send(message);
      } catch {
        // A worker that is gone, or was never started, needs no message. This may run in a listener, so it must not throw.
      }
    };
    this.mayReport = mayReport;
    this.onBye = onBye;
  }

  /** Whether a request is pending. */
  get isAsked(): boolean {
    if (this.sources.size === 0) return this.#request > 0 && this.mayReport;
    for (const { answered } of this.sources.values()) if (answered < this.#request) return true;
    return false;
  }

  /** Whether to send a request: none is pending, or it is so old that it may be lost. */
  isToBeAsked(timeoutMilliseconds: number): boolean {
    return !this.isAsked || performance.now() > this.#lastAskedAt + 10 * timeoutMilliseconds;
  }

  /** Requests the values of its reporters, with native buckets if `acceptsNative`. */
  ask(request: number, acceptsNative: boolean): void {
    this.#lastAskedAt = performance.now();
    // A repeated request does not extend the wait for a hung worker.
    if (!this.isAsked) this.askedAt = this.#lastAskedAt;
    this.#request = request;
    this.#send({ protocol: PROTOCOL, aggregator: this.#aggregator, kind: 'ask', request, acceptsNative });
  }

  /** Sends a message that needs no answer. */
  send(kind: 'leave'): void;
  send(kind: 'taken', reporter: string): void;
  send(kind: 'leave' | 'taken', reporter = ''): void {
    const head = { protocol: PROTOCOL, aggregator: this.#aggregator } as const;
    this.#send(kind === 'taken' ? { ...head, kind, reporter } : { ...head, kind });
  }
}

/** The parts of the aggregator that a round uses. */
interface RoundOptions {
  /** When it ends, by `performance.now()`: in the past as soon as all workers have answered. */
  readonly endsAt: () => number;
  readonly counts: () => WorkerCounts;
  readonly onEnd: () => void;
}

/**
 * One round of requests to the workers (a single flight), shared by all scrapes that come while it lasts. Each scrape leaves
 * it at its own deadline, and a worker that has not answered by then is late for that scrape only.
 */
export class Round {
  readonly #options: RoundOptions;
  readonly #ended: Promise<WorkerCounts>;
  #end!: (counts: WorkerCounts) => void;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  /** How many scrapes are waiting. They keep the process alive. */
  #waiting = 0;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    // Not synchronously: `onEnd` needs the caller to have stored the round. Fake timers replace `queueMicrotask()`.
    void Promise.resolve().then(() => this.look());
  }

  /** Ends the round if there is nothing left to wait for. Called whenever a worker answers, joins or ends. */
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
    // Counted now: the next round may start before the waiting scrapes resume.
    this.#end(counts());
  }

  /** Resolves when the round ends, or after this time with the counts at that moment. Never rejects. */
  async within(milliseconds: number): Promise<WorkerCounts> {
    this.#waiting++;
    this.#timer?.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      // The round ends sooner. A timer would fire at once for NaN and for more than 24.8 days.
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

/** The longest `timeoutSeconds` of an aggregator. */
const LONGEST_DELAY_MILLISECONDS = 3600 * 1000;

const WORKERS = 'metrics_client_workers';
const LATE_REPORTS = 'metrics_client_late_reports_total';
const REFUSED_FAMILIES = 'metrics_client_refused_families_total';

/** How many workers answered a scrape in time, how many did not, and how often that has happened. */
export interface WorkerCounts {
  readonly reporting: number;
  readonly late: number;
  readonly lateReports: number;
  /** How often a family of a worker was refused. */
  readonly refusedFamilies: number;
}

/** Families that report on the workers. */
export interface OwnFamilies {
  /** Their names, which no worker's family may have. */
  readonly names: readonly string[];
  families(counts: WorkerCounts): readonly Family[];
}

/** Those of a public aggregator. */
export const AGGREGATION_FAMILIES: OwnFamilies = {
  names: [WORKERS, LATE_REPORTS, REFUSED_FAMILIES],
  families: aggregationFamilies,
};

function aggregationFamilies({ reporting, late, lateReports, refusedFamilies }: WorkerCounts): Family[] {
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
      cache: new Map(),
    },
    {
      ...head,
      name: LATE_REPORTS,
      help: 'Times that a worker did not answer a scrape in time, so that its last known values were served.',
      type: 'counter',
      labelNames: [],
      series: [series([], lateReports)],
      cache: new Map(),
    },
    {
      ...head,
      name: REFUSED_FAMILIES,
      help: 'Times that a metric of a worker was refused, since it could not be exposed or merged with that of the others.',
      type: 'counter',
      labelNames: [],
      series: [series([], refusedFamilies)],
      cache: new Map(),
    },
  ];
}
