import type { MetricsServerOptions } from '../server/metrics-server-options.ts';
import type { Announcement } from './shared/announcements.ts';
import type { SharedStart } from './shared/shared-directory.ts';

/** The name of the thread's own check, on both paths. */
export const EVENT_LOOP = 'event_loop';

/** A health check of the program as its metrics thread knows it. */
export interface CheckDescription {
  readonly path: 'health' | 'ready';
  readonly name: string;
  readonly timeoutSeconds: number | undefined;
}

/** What a metrics thread gets when it starts. */
export interface ThreadStart {
  readonly options: Omit<MetricsServerOptions, 'registry'>;
  /** The memory of the program's `Heartbeat`. */
  readonly heartbeat: SharedArrayBuffer;
  /** The checks that the program has added so far. */
  readonly checks: readonly CheckDescription[];
  /** How long the event loop may be blocked before a path answers 503; `Infinity` for ever. */
  readonly unhealthyAfterSeconds: number;
  readonly unreadyAfterSeconds: number;
  readonly shared: SharedStart;
  /** How often the thread was restarted before. */
  readonly restarts: number;
}

/** A message from the program to its metrics thread. Messages of lib/aggregate travel beside these, and have a `protocol`. */
export type ToThread =
  | { readonly kind: 'add-check'; readonly check: CheckDescription }
  | { readonly kind: 'remove-check'; readonly path: CheckDescription['path']; readonly name: string }
  /** The result of a check that the thread asked for: a text if it has thrown. */
  | { readonly kind: 'checked'; readonly run: number; readonly isOk: boolean; readonly error: string | undefined }
  /** What was announced while the thread started. */
  | { readonly kind: 'missed'; readonly announcements: readonly Announcement[] }
  /** Begin to close: `/ready` fails from now on. */
  | { readonly kind: 'close' }
  /** The last report has been sent: close after the last scrapes. */
  | { readonly kind: 'finish' };

/** A message from a metrics thread to its program. */
export type FromThread =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined }
  | { readonly kind: 'check'; readonly run: number; readonly path: CheckDescription['path']; readonly name: string }
  | { readonly kind: 'warning'; readonly code: string; readonly message: string }
  | { readonly kind: 'closed' };

/** Whether a message is one of lib/aggregate. */
export function isOfReport(message: object): boolean {
  return 'protocol' in message;
}
