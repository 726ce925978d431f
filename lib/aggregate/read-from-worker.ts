import { type FromWorker, PROTOCOL, type ReportPart } from './message.ts';

/**
 * Returns the message of a reporter, or undefined if it is somebody else's, of another version, or not what a message
 * has to be. What is in the arrays of a report is checked where it is used.
 */
export function readFromWorker(message: unknown): FromWorker | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { protocol, kind, reporter, ...rest } = message as Readonly<Record<string, unknown>>;
  if (protocol !== PROTOCOL || typeof reporter !== 'string') return undefined;
  switch (kind) {
    case 'hello':
    case 'bye':
      return { protocol, kind, reporter };
    case 'report':
      return isReport(rest) ? { protocol, kind, reporter, ...rest } : undefined;
    default:
      return undefined;
  }
}

function isReport(fields: Readonly<Record<string, unknown>>): fields is Omit<ReportPart, 'protocol' | 'kind' | 'reporter'> & typeof fields {
  const { aggregator, request, isFresh, isLast, numbers } = fields;
  return (
    typeof aggregator === 'string' &&
    Number.isSafeInteger(request) &&
    typeof isFresh === 'boolean' &&
    typeof isLast === 'boolean' &&
    (typeof numbers === 'string' || numbers instanceof Float64Array) &&
    ['changes', 'gone', 'runs', 'exemplars'].every((name) => Array.isArray(fields[name]))
  );
}
