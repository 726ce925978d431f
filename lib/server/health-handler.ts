import type { HealthChecks, HealthReport } from './health-checks.ts';
import type { ListenerGuard } from './listener-guard.ts';
import type { RequestHandler } from './request-handler.ts';
import { send } from './responses.ts';

const CLOSING: HealthReport = {
  status: 'failing',
  checks: { server: { status: 'failing', durationSeconds: 0, error: 'The server is closing.' } },
};

/**
 * Returns the handler that runs `checks` and answers with their report as JSON: 200 if all are ok, else 503. Once
 * `isClosing` returns true, it answers 503 without running any. `listeners` catches what an answer throws.
 */
export function createHealthHandler(
  checks: HealthChecks,
  listeners: ListenerGuard,
  isClosing: () => boolean = () => false,
): RequestHandler {
  return (request, response) => {
    const reporting = isClosing() ? Promise.resolve(CLOSING) : checks.report();
    const answer = (report: HealthReport) => {
      send(request, response, {
        status: report.status === 'ok' ? 200 : 503,
        contentType: 'application/json',
        body: `${JSON.stringify(report)}\n`,
      });
    };
    // A report never rejects; should it, the client must not wait for ever.
    reporting.then(
      listeners.guard(answer, () => response),
      () => response.destroy(),
    );
  };
}
