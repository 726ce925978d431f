import { PROTOCOL, type ToWorker } from './message.ts';

/**
 * Returns the message of an aggregator, or undefined: of the messages that a process gets, most are not ours, some are
 * of another version, and any may be malformed.
 */
export function readToWorker(message: unknown): ToWorker | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { protocol, aggregator, kind, request, reporter } = message as Readonly<Record<string, unknown>>;
  if (protocol !== PROTOCOL || typeof aggregator !== 'string') return undefined;
  switch (kind) {
    case 'ask':
      return Number.isSafeInteger(request) ? { protocol, aggregator, kind, request: request as number } : undefined;
    case 'taken':
      return typeof reporter === 'string' ? { protocol, aggregator, kind, reporter } : undefined;
    case 'leave':
      return { protocol, aggregator, kind };
    default:
      return undefined;
  }
}
