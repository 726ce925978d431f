import { startScanner } from '../../spec/e2e/start-scanner.ts';
import type { Cleanup } from '../../spec/support/started-program.ts';
import { until } from '../../spec/support/until.ts';
import type { Stack } from './start-stack.ts';
import type { Notification } from './webhook-receiver.ts';

/** The alerts when the scanners were stopped and started again. */
export interface AlertReport {
  /** Seconds from the stop until Alertmanager had FinpilotServiceDown. */
  readonly firingAfterSeconds: number;
  /** The alert that FinpilotServiceDown silences. */
  readonly silenced: string;
  /** The receiver that was told, by its path. */
  readonly receiver: string;
  /** Seconds from the new start until the receiver was told that all is well again. */
  readonly resolvedAfterSeconds: number;
  /** Of the scanners that were started again. */
  readonly pids: readonly number[];
}

/** An alert in the API of Alertmanager. */
interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed'; readonly inhibitedBy: readonly string[] };
}

const FIRING = 'FinpilotServiceDown';
const SILENCED = 'FinpilotTargetDown';

/** Stops all scanners, waits for the alerts, starts the scanners again where they were, and waits for the all-clear. */
export async function provokeAlert(cleanup: Cleanup, stack: Stack, timeoutSeconds: number): Promise<AlertReport> {
  const { scanners, alertmanager, receiver } = stack;
  const wait = (what: string, isSo: () => Promise<boolean>): Promise<true> => {
    return until(what, async () => ((await isSo()) ? true : undefined), { timeoutSeconds });
  };
  const hear = (status: Notification['status']): Promise<Notification> => {
    return until(`word that ${FIRING} is ${status}`, () => lastOf(receiver.notifications, status), { timeoutSeconds });
  };

  const stoppedAt = performance.now();
  for (const { program } of scanners) await program.stop();
  await wait(`${FIRING} in Alertmanager`, async () => {
    return (await findAlert(alertmanager.url, FIRING))?.status.state === 'active';
  });
  const firingAfterSeconds = secondsSince(stoppedAt);
  await wait(`${SILENCED}, silenced`, async () => {
    const status = (await findAlert(alertmanager.url, SILENCED))?.status;
    return status?.state === 'suppressed' && status.inhibitedBy.length > 0;
  });
  const { path } = await hear('firing');

  const startedAt = performance.now();
  const pids: number[] = [];
  for (const { url } of scanners) {
    const { program } = await startScanner(cleanup, { paceMilliseconds: 1000, port: Number(new URL(url).port) });
    pids.push(program.pid!);
  }
  await hear('resolved');
  await wait(`no ${FIRING} in Alertmanager`, async () => (await findAlert(alertmanager.url, FIRING)) === undefined);
  const resolvedAfterSeconds = secondsSince(startedAt);
  return { firingAfterSeconds, silenced: SILENCED, receiver: path, resolvedAfterSeconds, pids };
}

async function findAlert(url: string, name: string): Promise<ActiveAlert | undefined> {
  const response = await fetch(`${url}/api/v2/alerts`, { signal: AbortSignal.timeout(10_000) });
  return ((await response.json()) as readonly ActiveAlert[]).find(({ labels }) => labels['alertname'] === name);
}

function lastOf(notifications: readonly Notification[], status: Notification['status']): Notification | undefined {
  return notifications.findLast((one) => one.groupLabels['alertname'] === FIRING && one.status === status);
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
