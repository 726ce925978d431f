import { Aggregation } from '../aggregate/aggregation.ts';
import type { FromWorker, ToWorker } from '../aggregate/message.ts';
import type { OwnFamilies, WorkerState } from '../aggregate/workers.ts';
import type { Family, Gatherer, GatherOptions, NumberSeries } from '../model/family.ts';
import { HEARTBEAT_FAMILY_NAMES, type HeartbeatReader } from './heartbeat.ts';

/** How long a scrape waits for an event loop that does not turn. */
const PATIENCE_MILLISECONDS = 50;
/** How long a scrape waits for collectors of a loop that turns. The registry has a limit of its own, 5 s by default. */
const LONGEST_REPORT_SECONDS = 60;

const AGE = 'metrics_thread_report_age_seconds';
const LATE = 'metrics_thread_late_reports_total';
const REFUSED = 'metrics_thread_refused_families_total';
const RESTARTS = 'metrics_thread_restarts_total';

/**
 * The metrics of the program, in its metrics thread: asked for at each scrape, or those of the last report while the
 * program's event loop is blocked. Adds the metrics of the loop and of the thread.
 */
export class ReportedMetrics implements Gatherer {
  readonly #aggregation: Aggregation;
  readonly #program: WorkerState;
  readonly #heartbeat: HeartbeatReader;
  readonly #restarts: number;
  #lateScrapes = 0;
  /** When the last complete report came, by `performance.now()`. */
  #reportedAt: number | undefined;

  /** `send` delivers messages to the program's reporter. */
  constructor(heartbeat: HeartbeatReader, restarts: number, send: (message: ToWorker) => void) {
    const own: OwnFamilies = {
      names: [AGE, LATE, REFUSED, RESTARTS, ...HEARTBEAT_FAMILY_NAMES],
      families: ({ refusedFamilies }) => this.#own(refusedFamilies),
    };
    this.#heartbeat = heartbeat;
    this.#restarts = restarts;
    this.#aggregation = new Aggregation({ timeoutSeconds: LONGEST_REPORT_SECONDS }, own, true);
    this.#program = this.#aggregation.add(send, true);
  }

  /** Takes a message of the program's reporter. */
  take(message: FromWorker): void {
    this.#aggregation.take(this.#program, message);
    if (message.kind === 'report' && message.isLast) this.#reportedAt = performance.now();
  }

  /**
   * Returns the families, as they are now if the event loop turns, else as they were last reported. Never rejects.
   */
  async gather({ timeoutSeconds, limitSeconds }: GatherOptions = {}): Promise<readonly Family[]> {
    const longest = timeoutSeconds ?? limitSeconds ?? LONGEST_REPORT_SECONDS;
    if (this.#isBlocked()) return this.#lastReported();
    let timer: NodeJS.Timeout | undefined;
    const blocked = new Promise<void>((resolve) => {
      timer = setInterval(() => {
        if (this.#isBlocked()) resolve();
      }, PATIENCE_MILLISECONDS / 5);
    });
    try {
      const families = await Promise.race([this.#aggregation.gather({ timeoutSeconds: longest }), blocked]);
      if (families === undefined) return await this.#lastReported();
      if (this.#program.isAsked) this.#lateScrapes++;
      return families;
    } finally {
      clearInterval(timer);
    }
  }

  #lastReported(): Promise<readonly Family[]> {
    this.#lateScrapes++;
    return this.#aggregation.gather({ timeoutSeconds: 0 });
  }

  #isBlocked(): boolean {
    return this.#heartbeat.blockedSeconds * 1000 > PATIENCE_MILLISECONDS;
  }

  #own(refusedFamilies: number): Family[] {
    const age = this.#reportedAt === undefined ? NaN : (performance.now() - this.#reportedAt) / 1000;
    return [
      ...this.#heartbeat.families(),
      numberFamily(
        'gauge',
        AGE,
        'seconds',
        'Age of the values that were reported, and not read from shared memory.',
        age,
      ),
      numberFamily(
        'counter',
        LATE,
        '',
        'Scrapes that were served the last report, because the loop was blocked or the collectors took too long.',
        this.#lateScrapes,
      ),
      numberFamily(
        'counter',
        REFUSED,
        '',
        'Times that a family was refused, since it could not be exposed.',
        refusedFamilies,
      ),
      numberFamily('counter', RESTARTS, '', 'Times that the metrics thread was restarted.', this.#restarts),
    ];
  }
}

function numberFamily(type: 'gauge' | 'counter', name: string, unit: string, help: string, value: number): Family {
  const series: NumberSeries[] = [{ labelValues: [], value }];
  return { name, help, type, unit, labelNames: [], constantLabels: [], series, cache: new Map() };
}
