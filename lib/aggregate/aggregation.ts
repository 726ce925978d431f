import { errorText, warn } from '../model/error-text.ts';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { describe, isLegacyLabelName, refuse } from '../model/names.ts';
import { MergedFamilies } from './merged-families.ts';
import { type FromWorker, PROTOCOL, type ReportPart, randomId, readFromWorker, type ToWorker } from './message.ts';
import { Reporter } from './reporter.ts';
import { Source } from './source.ts';
import { AGGREGATION_FAMILIES, type OwnFamilies, Round, type WorkerCounts, WorkerState } from './workers.ts';

/** Options for an aggregator. */
export interface AggregatorOptions {
  /**
   * Keeps the series of the workers apart by a label of this name, such as `worker`, instead of merging them. Its value is
   * the number of the worker's place, counted from 1. A worker that starts takes the lowest free place and continues the
   * counts of the worker that had it before, so there are never more values than workers at the same time.
   */
  readonly workerLabel?: string;
  /** Includes this registry of the aggregator's own process or thread, as if it were one more worker. */
  readonly registry?: Gatherer;
  /** How long a scrape waits for a worker before it falls back to the last known values (default 2). */
  readonly timeoutSeconds?: number;
}

/** Reporters per worker: there is one for each copy of the module. More than that is hostile. */
const MAX_REPORTERS = 16;

/** Gathers from workers, over any transport. */
export class Aggregation implements Gatherer {
  readonly #id = randomId();
  readonly #families: MergedFamilies;
  readonly #own: OwnFamilies;
  readonly #workerLabel: string | undefined;
  readonly #timeoutMilliseconds: number;
  readonly #workers = new Set<WorkerState>();
  /** The current round. */
  #round: Round | undefined;
  #lastRequest = 0;
  #lateReports = 0;
  #refusedFamilies = 0;
  readonly #warned = new Set<string>();
  /** Whether native buckets can be merged, as far as is known. */
  #acceptsNative = true;
  /** While the merging of native buckets is loaded: what has come since then, in order. */
  #waiting: (() => void)[] | undefined;
  #loaded: Promise<void> | undefined;

  /**
   * Throws a TypeError or RangeError on an invalid option. `own` are the families that report on the workers. `areApart`: each
   * series has one worker only, so quantiles and gauges that cannot be merged are exposed too.
   */
  constructor(
    { workerLabel, registry, timeoutSeconds = 2 }: AggregatorOptions = {},
    own: OwnFamilies = AGGREGATION_FAMILIES,
    areApart = workerLabel !== undefined,
  ) {
    if (workerLabel !== undefined && !(typeof workerLabel === 'string' && isLegacyLabelName(workerLabel))) {
      refuse('create an aggregator', 'workerLabel to be a label name', workerLabel, RangeError);
    }
    if (registry !== undefined && typeof registry?.gather !== 'function') {
      refuse('create an aggregator', 'registry to be a registry', registry);
    }
    if (typeof timeoutSeconds !== 'number' || !(timeoutSeconds > 0 && timeoutSeconds <= 3600)) {
      refuse('create an aggregator', 'timeoutSeconds above 0 and up to 3600', timeoutSeconds, RangeError);
    }
    this.#families = new MergedFamilies(areApart, own.names);
    this.#own = own;
    this.#workerLabel = workerLabel;
    this.#timeoutMilliseconds = timeoutSeconds * 1000;
    if (registry !== undefined) this.#addOwn(registry);
  }

  /**
   * Adds a worker. `send` delivers messages to it. `mayReport`: it may have started a reporter before it was added. `onBye` is
   * called when its last reporter has stopped.
   */
  add(send: (message: ToWorker) => void, mayReport: boolean, onBye: () => void = () => undefined): WorkerState {
    const places = new Set([...this.#workers].map(({ place }) => place));
    let place = 1;
    while (places.has(place)) place++;
    const worker = new WorkerState({ aggregator: this.#id, place, send, mayReport, onBye });
    this.#workers.add(worker);
    if (mayReport) this.#ask(worker);
    return worker;
  }

  /** Removes a worker that has ended. Its counts stay. */
  remove(worker: WorkerState): void {
    if (this.#waiting !== undefined) return void this.#waiting.push(() => this.remove(worker));
    if (!this.#workers.delete(worker)) return;
    for (const source of worker.sources.values()) source.end();
    this.#round?.look();
  }

  /** Takes a message from a worker. Other messages are ignored. Never throws. */
  take(worker: WorkerState, message: unknown): void {
    try {
      const said = readFromWorker(message);
      if (said?.kind === 'report' && said.native !== undefined) this.#beginToLoad();
      if (this.#waiting !== undefined) return void this.#waiting.push(() => this.take(worker, message));
      if (said !== undefined && this.#workers.has(worker)) this.#take(worker, said);
      else this.#warnOfOtherVersion(message);
    } catch (error) {
      // This runs in a listener: an exception would end the host process.
      this.#warn('report', `expected a message as this version writes it, got another (${errorText(error)})`);
    }
  }

  /**
   * Asks every worker for its values and returns the merged families. Waits until all have answered, but no longer than
   * the aggregator's `timeoutSeconds` or that of this scrape, whichever is less. Scrapes that come while others wait share
   * the answers, not the deadline. The last known values stand in for a worker that is late, and it is not waited for
   * again until it has answered. Never rejects.
   */
  async gather({ timeoutSeconds = Infinity }: GatherOptions = {}): Promise<readonly Family[]> {
    if (this.#loaded !== undefined) await this.#loaded; // so that what has come is included
    this.#round ??= this.#begin();
    const counts = await this.#round.within(timeoutSeconds * 1000);
    return [...this.#families.exposed, ...this.#own.families(counts)];
  }

  /** Releases all workers; they stop reporting. */
  close(): void {
    for (const worker of this.#workers) worker.send('leave');
    this.#workers.clear();
    this.#round?.look();
  }

  /** Starts a round: asks every worker that has no request pending. */
  #begin(): Round {
    for (const worker of this.#workers) if (worker.isToBeAsked(this.#timeoutMilliseconds)) this.#ask(worker);
    // Workers that crash on start and are forked again must not extend the round for ever.
    const latest = performance.now() + this.#timeoutMilliseconds;
    const endOf = ({ isAsked, sources, mayReport, askedAt }: WorkerState): number =>
      isAsked && (sources.size > 0 || mayReport) ? askedAt + this.#timeoutMilliseconds : 0;
    return new Round({
      endsAt: () => Math.min(latest, Math.max(0, ...Array.from(this.#workers, endOf))),
      counts: () => this.#counts(),
      onEnd: () => {
        this.#round = undefined;
        const longAgo = performance.now() - this.#timeoutMilliseconds;
        for (const worker of this.#workers) {
          if (worker.askedAt > longAgo && worker.isAsked) continue;
          if (worker.mayReport && worker.sources.size === 0) this.#warnOfSilence();
          worker.mayReport = false;
        }
        this.#lateReports += this.#counts().late;
      },
    });
  }

  #counts(): WorkerCounts {
    const workers = [...this.#workers].filter(({ sources }) => sources.size > 0);
    const late = workers.filter(({ isAsked }) => isAsked).length;
    return {
      reporting: workers.length - late,
      late,
      lateReports: this.#lateReports,
      refusedFamilies: this.#refusedFamilies,
    };
  }

  #take(worker: WorkerState, said: FromWorker): void {
    switch (said.kind) {
      case 'hello':
        // Earlier requests are lost: there was no reporter to receive them.
        if (worker.sources.size < MAX_REPORTERS) this.#ask(worker, said.reporter);
        return;
      case 'bye':
        worker.sources.get(said.reporter)?.end();
        if (worker.sources.delete(said.reporter) && worker.sources.size === 0) worker.onBye();
        this.#round?.look();
        return;
      case 'report':
        if (said.aggregator === this.#id) this.#takeReport(worker, said);
        return;
    }
  }

  #ask(worker: WorkerState, reporter?: string): void {
    for (const [id, source] of worker.sources) {
      // A full report may succeed now if the conflicting name is gone.
      if (source.hasConflicts && id !== reporter) worker.send('leave');
    }
    if (reporter !== undefined) this.#sourceOf(worker, reporter);
    worker.ask(++this.#lastRequest, this.#acceptsNative);
  }

  #sourceOf(worker: WorkerState, reporter: string): Source {
    let source = worker.sources.get(reporter);
    if (source === undefined) {
      const onRefused = (error?: unknown): void => {
        this.#refusedFamilies++;
        if (error !== undefined) this.#warn('family', errorText(error));
      };
      source = new Source({ families: this.#families, place: worker.place, workerLabel: this.#workerLabel, onRefused });
      worker.sources.set(reporter, source);
    }
    return source;
  }

  #takeReport(worker: WorkerState, part: ReportPart): void {
    if (worker.sources.size >= MAX_REPORTERS && !worker.sources.has(part.reporter)) return;
    const source = this.#sourceOf(worker, part.reporter);
    // After a malformed part, the rest of the report is useless. Wait for a full report.
    if (source.isBroken && !part.isFresh) return;
    if (part.native !== undefined && !this.#acceptsNative) {
      source.isBroken = true; // a full report without them has been asked for
      return;
    }
    try {
      source.isBroken = false;
      source.take(part);
    } catch (error) {
      source.isBroken = true;
      worker.send('leave');
      this.#refusedFamilies++;
      this.#warn('report', `expected a report as this version writes it, got another (${errorText(error)})`);
    }
    if (!part.isLast && !source.isBroken) return;
    source.answered = Math.max(source.answered, part.request);
    worker.send('taken', part.reporter);
    this.#round?.look();
  }

  /** Loads the merging of native buckets unless that has been done. What comes meanwhile waits. */
  #beginToLoad(): void {
    if (this.#families.nativePart !== undefined || !this.#acceptsNative) return;
    this.#loaded ??= this.#load();
  }

  async #load(): Promise<void> {
    const waiting: (() => void)[] = [];
    this.#waiting = waiting;
    try {
      const { NativePart } = await loadModule(() => import('./native-part.ts'), 'NativePart');
      this.#families.nativePart = NativePart;
    } catch (error) {
      warn(
        'METRICS_NOT_MERGED',
        `Cannot merge native buckets of workers: expected to load the module that does, got an error (${errorText(error)}). Their ` +
          'histograms have classic buckets until this process is restarted.',
      );
      this.#acceptsNative = false;
      for (const worker of this.#workers) {
        worker.send('leave');
        this.#ask(worker);
      }
    }
    this.#waiting = undefined;
    this.#loaded = undefined;
    for (const act of waiting) act();
  }

  #addOwn(registry: Gatherer): void {
    const worker: WorkerState = this.add((message) => reporter.take(message), false);
    const reporter = new Reporter(registry, (message) => this.take(worker, message));
    reporter.begin();
  }

  /** A worker without a reporter may be intended, so it is told once, and is not waited for again. */
  #warnOfSilence(): void {
    if (this.#warned.has('silence')) return;
    this.#warned.add('silence');
    warn(
      'METRICS_WORKER_LEFT_OUT',
      `Cannot gather the metrics of a worker: expected a first report within ${this.#timeoutMilliseconds} ms, got none. ` +
        'Scrapes leave it out until it reports: create an AggregatorRegistry in each worker, or call reportToPrimary().',
    );
  }

  #warnOfOtherVersion(message: unknown): void {
    const { protocol } = (typeof message === 'object' && message !== null ? message : {}) as {
      readonly protocol?: unknown;
    };
    if (typeof protocol !== 'string' || protocol === PROTOCOL || !protocol.startsWith(PROTOCOL.slice(0, -1))) return;
    this.#warn(
      'version',
      `expected the protocol "${PROTOCOL}", got ${describe(protocol)}. Use one version of the package in all processes`,
    );
  }

  /** Warns once per kind of fault. Further faults are only counted. */
  #warn(kind: 'report' | 'family' | 'version', what: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    const further = 'Further ones are only counted, in metrics_client_refused_families_total';
    warn('METRICS_REPORT_REFUSED', `Cannot take the metrics of a worker: ${what}. ${further}.`);
  }
}
