import type { Gauge } from '../metrics/gauge.ts';
import { describe, refuse } from '../model/names.ts';

/** A check of one part of the application: healthy unless it returns or resolves to `false`, throws or rejects. */
export type HealthStatusCheck = () => boolean | void | Promise<boolean | void>;

/** A check that takes longer is not healthy: it must neither delay a scrape nor cost the other checks their series. */
const CHECK_TIMEOUT_SECONDS = 0.5;

/**
 * The checks behind `finpilot_health_status`, run when a scrape asks. A gauge that the application sets itself would
 * keep its last 1 for ever once the code that sets it hangs, which is when it is wanted.
 */
export class HealthStatus {
  readonly #checks = new Map<string, HealthStatusCheck>();
  /** Runs that have not ended. A check that hangs is not started again, so hung runs do not pile up. */
  readonly #running = new Map<HealthStatusCheck, Promise<boolean>>();

  /** Adds a check, or replaces the one of this name. */
  watch(name: string, check: HealthStatusCheck): void {
    if (typeof check !== 'function') {
      refuse(`watch health check ${describe(name)}`, 'a function', check);
    }
    this.#checks.set(name, check);
  }

  /** Runs all checks at once and sets each one's series to 1 or 0. */
  async report(gauge: Gauge<'check'>): Promise<void> {
    const runs = [...this.#checks].map(async ([name, check]) => {
      const isHealthy = await withinTimeout(this.#run(check));
      gauge.set({ check: name }, isHealthy ? 1 : 0);
    });
    await Promise.all(runs);
  }

  #run(check: HealthStatusCheck): Promise<boolean> {
    const running = this.#running.get(check);
    if (running !== undefined) return running;
    const run = passes(check).finally(() => this.#running.delete(check));
    this.#running.set(check, run);
    return run;
  }
}

/** An error is a valid result here: it means that the check is unhealthy. */
async function passes(check: HealthStatusCheck): Promise<boolean> {
  try {
    return (await check()) !== false;
  } catch {
    return false;
  }
}

async function withinTimeout(run: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_SECONDS * 1000, false).unref();
  });
  try {
    return await Promise.race([run, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
