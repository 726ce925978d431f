import type { FamilyDescription } from '../../aggregate/message.ts';
import type { CellPlace } from './cells.ts';

/** The channel on which the threads of a process say what they have in shared memory. */
const CHANNEL = '@finpilot/metrics shared memory 1';

/** A thread with shared metrics. Ids of threads are not used again, but a thread may load this package twice. */
export interface SharedOwner {
  readonly threadId: number;
  readonly copy: string;
}

/** What a thread announces about its shared memory, once: updates need no messages. */
export type Announcement =
  /** A buffer of numbers. */
  | { readonly kind: 'cells'; readonly owner: SharedOwner; readonly index: number; readonly buffer: SharedArrayBuffer }
  /** A family: how it is exposed, and the list of its series, which may replace an earlier one. */
  | {
      readonly kind: 'family';
      readonly owner: SharedOwner;
      readonly id: number;
      /** Another one if the list was begun again, since series were removed. */
      readonly generation: number;
      readonly description: FamilyDescription;
      readonly createdSeconds: number | undefined;
      readonly list: SharedArrayBuffer;
      /** Where the thread puts copies of a histogram's series. */
      readonly copy: Pick<CellPlace, 'buffer' | 'start'> | undefined;
    }
  | { readonly kind: 'gone'; readonly owner: SharedOwner; readonly id: number }
  /** The thread has ended: its counts stay, and its memory can be forgotten. Said by the thread that started it. */
  | { readonly kind: 'ended'; readonly threadId: number }
  /** Said by a thread to itself: it has heard all that was said before. */
  | { readonly kind: 'mark'; readonly id: string }
  /** Asks every thread to say all of the above again. */
  | { readonly kind: 'who' };

/** One end of the channel. Keeps no thread alive. */
export interface AnnouncementChannel {
  /** Does nothing after {@link close}. */
  say(announcement: Announcement): void;
  close(): void;
}

/** Opens the channel; `take` gets what the others say. Whatever else is on it is ignored. */
export function openChannel(take: (announcement: Announcement) => void): AnnouncementChannel {
  const { BroadcastChannel } = process.getBuiltinModule('node:worker_threads');
  const channel = new BroadcastChannel(CHANNEL);
  channel.unref();
  channel.onmessage = (event: unknown) => {
    const { data } = event as { readonly data: unknown };
    if (typeof data === 'object' && data !== null && 'kind' in data) take(data as Announcement);
  };
  let isOpen = true;
  return {
    say: (announcement) => isOpen && channel.postMessage(announcement),
    close() {
      isOpen = false;
      channel.close();
    },
  };
}
