import type { HealthChecks } from './health-checks.ts';
import type { RequestHandler } from './request-handler.ts';
import { send } from './responses.ts';

/** Returns the handler that runs `checks` and answers with their report as JSON: 200 if all are ok, else 503. */
export function createHealthHandler(checks: HealthChecks): RequestHandler {
  return (request, response) => {
    void checks.report().then((report) => {
      send(request, response, {
        status: report.status === 'ok' ? 200 : 503,
        contentType: 'application/json',
        body: `${JSON.stringify(report)}\n`,
      });
    });
  };
}
