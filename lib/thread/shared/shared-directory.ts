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
  /** By thread. */
  readonly #announcements = new Map<number, Announcement[]>();
  /** Reads the threads that have ended, and nothing else. */
  readonly #ended = new SharedReader();

  constructor() {
    this.#channel.say({ kind: 'who' });
    process.on('worker', this.#onWorker);
  }

  get start(): SharedStart {
    const own = usedMemory()?.announcements() ?? [];
    return { announcements: [...own, ...[...this.#announcements.values()].flat()], kept: this.#ended.keptCounts() };
  }

  close(): void {
    process.off('worker', this.#onWorker);
    this.#channel.close();
  }

  readonly #onWorker = (worker: Worker): void => {
    const { threadId } = worker; // -1 after its end
    worker.once('exit', () => {
      const announcements = this.#announcements.get(threadId);
      if (announcements === undefined) return;
      for (const one of [...announcements, { kind: 'ended', threadId } as const]) this.#ended.take(one);
      this.#announcements.delete(threadId);
      this.#channel.say({ kind: 'ended', threadId });
    });
  };

  #take(announcement: Announcement): void {
    if (announcement.kind === 'who' || announcement.kind === 'ended') return;
    const { threadId } = announcement.owner;
    if (threadId === process.getBuiltinModule('node:worker_threads').threadId) return; // `start` has it first-hand
    const known = this.#announcements.get(threadId) ?? [];
    this.#announcements.set(threadId, [...known.filter((one) => !isReplaced(one, announcement)), announcement]);
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
