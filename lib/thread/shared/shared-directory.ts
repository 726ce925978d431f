import type { Worker } from 'node:worker_threads';
import type { PartContent } from '../../aggregate/message.ts';
import { type Announcement, openChannel } from './announcements.ts';
import { usedMemory } from './shared-memory.ts';
import { SharedReader } from './shared-reader.ts';

/** What a metrics thread has to know of the shared metrics when it starts. */
export interface SharedStart {
  readonly announcements: readonly Announcement[];
  /** The counts of threads that have ended. */
  readonly kept: readonly PartContent[];
}

/**
 * All that the threads of a process have announced, in the program's thread: a metrics thread that is restarted continues from
 * here, even if the threads are busy.
 */
export class SharedDirectory {
  readonly #channel = openChannel((announcement) => this.#take(announcement));
  /** What is said here comes back on `#channel`, behind all that was said before, such as by a thread that has ended. */
  readonly #voice = openChannel(() => undefined);
  /** By thread. */
  readonly #announcements = new Map<number, Announcement[]>();
  /** Reads the threads that have ended, and nothing else. */
  readonly #ended = new SharedReader();
  /** What the threads had announced that have ended since {@link begin}, and that they have ended. */
  #endedSince: Announcement[] = [];

  constructor() {
    this.#voice.say({ kind: 'who' });
    process.on('worker', this.#onWorker);
  }

  /** What a metrics thread gets that is started now. */
  begin(): SharedStart {
    this.#endedSince = [];
    const own = usedMemory()?.announcements() ?? [];
    return { announcements: [...own, ...this.#living], kept: this.#ended.keptCounts() };
  }

  /** What a metrics thread may have missed between {@link begin} and its first look at the channel. */
  missed(): Announcement[] {
    return [...this.#endedSince, ...this.#living];
  }

  close(): void {
    process.off('worker', this.#onWorker);
    this.#channel.close();
    this.#voice.close();
  }

  get #living(): Announcement[] {
    return [...this.#announcements.values()].flat();
  }

  readonly #onWorker = (worker: Worker): void => {
    const { threadId } = worker; // -1 after its end
    worker.once('exit', () => this.#voice.say({ kind: 'ended', threadId }));
  };

  #take(announcement: Announcement): void {
    if (announcement.kind === 'who' || announcement.kind === 'mark') return;
    if (announcement.kind === 'ended') return this.#end(announcement);
    const { threadId } = announcement.owner;
    if (threadId === process.getBuiltinModule('node:worker_threads').threadId) return; // `begin` has it first-hand
    const known = this.#announcements.get(threadId) ?? [];
    this.#announcements.set(threadId, [...known.filter((one) => !isReplaced(one, announcement)), announcement]);
  }

  #end(announcement: Announcement & { readonly kind: 'ended' }): void {
    const { threadId } = announcement;
    const announcements = this.#announcements.get(threadId);
    if (announcements === undefined) return;
    this.#announcements.delete(threadId);
    const all = [...announcements, announcement];
    for (const one of all) this.#ended.take(one);
    this.#endedSince.push(...all);
  }
}

/** Whether a later announcement says all that an earlier one does. */
function isReplaced(earlier: Announcement, later: Announcement): boolean {
  if (earlier.kind === 'cells')
    return later.kind === 'cells' && earlier.index === later.index && isOfSame(earlier, later);
  return earlier.kind === 'family' && 'id' in later && earlier.id === later.id && isOfSame(earlier, later);
}

function isOfSame(one: Announcement, other: Announcement): boolean {
  return 'owner' in one && 'owner' in other && one.owner.copy === other.owner.copy;
}
