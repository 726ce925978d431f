import { errorText } from '../model/error-text.ts';
import { describe } from '../model/names.ts';
import { type HealthCheck, type HealthCheckOptions, HealthChecks } from '../server/health-checks.ts';
import { type CheckDescription, EVENT_LOOP, type FromThread, type ToThread } from './messages.ts';

type Path = CheckDescription['path'];

interface ProgramCheck extends CheckDescription {
  readonly check: HealthCheck;
  /** The run under way. A thread that was restarted joins it. */
  run: Promise<boolean> | undefined;
}

/** The health checks of the program, for its metrics thread, which asks for their results. */
export class ProgramChecks {
  readonly #send: (message: ToThread) => void;
  readonly #checks: Readonly<Record<Path, Map<string, ProgramCheck>>> = { health: new Map(), ready: new Map() };
  /** Validates, and runs nothing: so checks are refused here for the same reasons as by a server. */
  readonly #valid: Readonly<Record<Path, HealthChecks>> = { health: new HealthChecks(), ready: new HealthChecks() };

  constructor(send: (message: ToThread) => void) {
    this.#send = send;
  }

  /** What a thread has to know of the checks. */
  get descriptions(): readonly CheckDescription[] {
    return [...this.#checks.health.values(), ...this.#checks.ready.values()].map(describeCheck);
  }

  /** Throws as `MetricsServer.addHealthCheck()` does. */
  add(path: Path, name: string, check: HealthCheck, options: HealthCheckOptions = {}): void {
    if (name === EVENT_LOOP) {
      throw new RangeError(
        `Cannot add check ${describe(name)}: expected another name, got that of the metrics thread's own check.`,
      );
    }
    this.#valid[path].add(name, check, options);
    const added = { path, name, timeoutSeconds: options.timeoutSeconds, check, run: undefined };
    this.#checks[path].set(name, added);
    this.#send({ kind: 'add-check', check: describeCheck(added) });
  }

  remove(path: Path, name: string): boolean {
    this.#valid[path].remove(name);
    this.#send({ kind: 'remove-check', path, name });
    return this.#checks[path].delete(name);
  }

  /** Runs a check and sends the result. Never rejects. */
  async run({ path, name, run }: FromThread & { readonly kind: 'check' }): Promise<void> {
    const one = this.#checks[path].get(name);
    let isOk = true;
    let error: string | undefined;
    try {
      if (one !== undefined) isOk = await (one.run ??= attempt(one));
    } catch (thrown) {
      error = errorText(thrown);
    }
    this.#send({ kind: 'checked', run, isOk, error });
  }
}

async function attempt(one: ProgramCheck): Promise<boolean> {
  try {
    return (await one.check()) !== false;
  } finally {
    one.run = undefined;
  }
}

function describeCheck({ path, name, timeoutSeconds }: CheckDescription): CheckDescription {
  return { path, name, timeoutSeconds };
}
