import { startScanner } from '../../spec/e2e/start-scanner.ts';
import type { Cleanup, StartedProgram } from '../../spec/support/started-program.ts';
import { until } from '../../spec/support/until.ts';
import type { Stack } from './start-stack.ts';
import type { Notification } from './webhook-receiver.ts';

/** An alert from its cause to the all-clear. */
export interface ProvokedAlert {
  /** Seconds from the cause until Alertmanager had the alert. */
  readonly firingAfterSeconds: number;
  /** The receiver that was told, by its path. */
  readonly receiver: string;
  /** Seconds from the end of the cause until the receiver was told that all is well again. */
  readonly resolvedAfterSeconds: number;
}

/** The alerts when the scanners were stopped and started again, and when the event loop of one was blocked. */
export interface AlertReport {
  /** FinpilotServiceDown, while the scanners were stopped. */
  readonly down: ProvokedAlert;
  /** The alert that it silences. */
  readonly silenced: string;
  /** FinpilotEventLoopBlocked, while a scanner was blocked. */
  readonly blocked: ProvokedAlert;
  /** Of the scanners that were started again. */
  readonly pids: readonly number[];
}

/** An alert in the API of Alertmanager. */
interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed'; readonly inhibitedBy: readonly string[] };
}

const DOWN = 'FinpilotServiceDown';
const SILENCED = 'FinpilotTargetDown';
const BLOCKED = 'FinpilotEventLoopBlocked';
/** For how long the alert needs the loop to be blocked, and then some scrapes and evaluations. */
const BLOCKED_SECONDS = 8;
const BLOCKED_INTERVALS = 4;

/**
 * Stops all scanners, waits for the alerts, starts the scanners again where they were, and waits for the all-clear. Then
 * blocks the event loop of one, likewise.
 */
export async function provokeAlerts(
  cleanup: Cleanup,
  stack: Stack,
  intervalSeconds: number,
  timeoutSeconds: number,
): Promise<AlertReport> {
  const alerts = new Alerts(stack, timeoutSeconds);
  const stoppedAt = performance.now();
  for (const { program } of stack.scanners) await program.stop();
  const down = await alerts.fire(DOWN, stoppedAt);
  await alerts.isSilenced(SILENCED);

  const startedAt = performance.now();
  const programs: StartedProgram[] = [];
  const blockSeconds = BLOCKED_SECONDS + BLOCKED_INTERVALS * intervalSeconds;
  for (const { url } of stack.scanners) {
    const port = Number(new URL(url).port);
    programs.push((await startScanner(cleanup, { paceMilliseconds: 1000, port, blockSeconds })).program);
  }
  const downResolved = await alerts.resolve(DOWN, startedAt);

  const blockedAt = performance.now();
  process.kill(programs[0]!.pid!, 'SIGUSR2');
  const blocked = await alerts.fire(BLOCKED, blockedAt);
  const blockedResolved = await alerts.resolve(BLOCKED, blockedAt + blockSeconds * 1000);
  return {
    down: { ...down, ...downResolved },
    silenced: SILENCED,
    blocked: { ...blocked, ...blockedResolved },
    pids: programs.map(({ pid }) => pid!),
  };
}

/** The alerts of a stack, which are waited for. */
class Alerts {
  readonly #stack: Stack;
  readonly #timeoutSeconds: number;

  constructor(stack: Stack, timeoutSeconds: number) {
    this.#stack = stack;
    this.#timeoutSeconds = timeoutSeconds;
  }

  /** Waits until an alert is in Alertmanager and its receiver has been told. */
  async fire(name: string, since: number): Promise<Omit<ProvokedAlert, 'resolvedAfterSeconds'>> {
    await this.#wait(`${name} in Alertmanager`, async () => (await this.#find(name))?.status.state === 'active');
    const firingAfterSeconds = secondsSince(since);
    const { path } = await this.#hear(name, 'firing');
    return { firingAfterSeconds, receiver: path };
  }

  async isSilenced(name: string): Promise<void> {
    await this.#wait(`${name}, silenced`, async () => {
      const status = (await this.#find(name))?.status;
      return status?.state === 'suppressed' && status.inhibitedBy.length > 0;
    });
  }

  /** Waits until the receiver has been told that an alert is over. */
  async resolve(name: string, since: number): Promise<Pick<ProvokedAlert, 'resolvedAfterSeconds'>> {
    await this.#hear(name, 'resolved');
    await this.#wait(`no ${name} in Alertmanager`, async () => (await this.#find(name)) === undefined);
    return { resolvedAfterSeconds: secondsSince(since) };
  }

  async #find(name: string): Promise<ActiveAlert | undefined> {
    const response = await fetch(`${this.#stack.alertmanager.url}/api/v2/alerts`, {
      signal: AbortSignal.timeout(10_000),
    });
    return ((await response.json()) as readonly ActiveAlert[]).find(({ labels }) => labels['alertname'] === name);
  }

  #hear(name: string, status: Notification['status']): Promise<Notification> {
    const { notifications } = this.#stack.receiver;
    const told = (): Notification | undefined =>
      notifications.findLast((one) => one.groupLabels['alertname'] === name && one.status === status);
    return until(`word that ${name} is ${status}`, told, { timeoutSeconds: this.#timeoutSeconds });
  }

  async #wait(what: string, isSo: () => Promise<boolean>): Promise<void> {
    await until(what, async () => ((await isSo()) ? true : undefined), { timeoutSeconds: this.#timeoutSeconds });
  }
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
