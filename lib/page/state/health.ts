/** One check of `/health` or `/ready`. */
export interface Check {
  readonly name: string;
  readonly isOk: boolean;
  readonly durationSeconds: number;
  /** Why it is failing; empty if it is not. */
  readonly error: string;
}

/** What `/health` or `/ready` said; undefined if that was no report. */
export type Health = { readonly isOk: boolean; readonly checks: readonly Check[] } | undefined;

/** Reads the body of `/health` or `/ready`: undefined unless it is a report. */
export function readHealth(body: string): Health {
  const report = objectOf(parsed(body));
  const checks = objectOf(report?.['checks']);
  if (report === undefined || checks === undefined) return undefined;
  return {
    isOk: report['status'] === 'ok',
    checks: Object.entries(checks).map(([name, value]) => {
      const { status, durationSeconds, error } = objectOf(value) ?? {};
      return {
        name,
        isOk: status === 'ok',
        durationSeconds: typeof durationSeconds === 'number' ? durationSeconds : NaN,
        error: typeof error === 'string' ? error : '',
      };
    }),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A proxy's error page: the caller shows that there is no report.
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
