import type { HealthChecks, HealthReport } from './health-checks.ts';
import type { RequestHandler } from './request-handler.ts';
import { send } from './responses.ts';

const CLOSING: HealthReport = {
  status: 'failing',
  checks: { server: { status: 'failing', durationSeconds: 0, error: 'The server is closing.' } },
};

/**
 * Returns the handler that runs `checks` and answers with their report as JSON: 200 if all are ok, else 503. Once
 * `isClosing` says so it answers 503 without running any.
 */
export function createHealthHandler(checks: HealthChecks, isClosing: () => boolean = () => false): RequestHandler {
  return (request, response) => {
    const reporting = isClosing() ? Promise.resolve(CLOSING) : checks.report();
    void reporting.then((report) => {
      send(request, response, {
        status: report.status === 'ok' ? 200 : 503,
        contentType: 'application/json',
        body: `${JSON.stringify(report)}\n`,
      });
    });
  };
}
