/**
 * How many scrapes of one address may wait for their client at once. Each holds a generator and two chunks, 128 KiB. A
 * scraper has one; eight leave room for several behind one proxy.
 */
const MAX_STREAMS_PER_ADDRESS = 8;
/** The same for all addresses together: 4 MiB. */
const MAX_STREAMS = 4 * MAX_STREAMS_PER_ADDRESS;
/** How many scrapes wait for a slot; each for as long as the caller likes. Beyond it they are refused at once. */
const MAX_QUEUED = 32;
/** A client that has taken nothing for so long is slow, and gives way when there are too many. */
const SLOW_MILLISECONDS = 1000;

/**
 * The slots in which scrapes work: gather, and encode a chunk. A scrape whose client has to take something first gives its
 * slot back meanwhile, so slow clients keep nobody from scraping; how many may be slow at once is bounded by address.
 *
 * Where there are several slots, one address gets all but one of them.
 */
export class ScrapeSlots {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #working = new Set<ScrapeSlot>();
  /** Those that wait for their client, or have done so, in the order in which they began to wait last. */
  readonly #streams = new Set<ScrapeSlot>();
  /** Those that wait for a slot, with what to call when there is one for them. */
  readonly #queue = new Map<ScrapeSlot, () => void>();

  constructor(max: number) {
    this.#max = max;
    this.#maxPerAddress = Math.max(1, max - 1);
  }

  /**
   * Returns a place for a scrape of a client, which has to wait for {@link ScrapeSlot.resume} before it works; undefined if
   * too many wait already. `cutOff` ends the scrape when its client turns out to be slow and the room is needed.
   */
  enter(client: string, cutOff: () => void): ScrapeSlot | undefined {
    if (this.#queue.size >= MAX_QUEUED || countOf(this.#queue.keys(), client) >= MAX_QUEUED / 2) return undefined;
    return this.#hasRoomForStream(client) ? new ScrapeSlot(this, client, cutOff) : undefined;
  }

  /** Gives the slot back until the client has taken something. */
  pause(slot: ScrapeSlot): void {
    slot.waitsSince = performance.now();
    this.#streams.delete(slot);
    this.#streams.add(slot);
    this.#giveBack(slot);
  }

  /** Takes a slot, if one is free for the client. */
  tryResume(slot: ScrapeSlot): boolean {
    slot.waitsSince = undefined;
    if (!this.#isFreeFor(slot.client)) return false;
    this.#working.add(slot);
    return true;
  }

  /** Resolves when there is a slot; never, if the scrape leaves before. */
  resume(slot: ScrapeSlot): Promise<void> {
    if (this.tryResume(slot)) return Promise.resolve();
    return new Promise((resolve) => void this.#queue.set(slot, resolve));
  }

  /** Ends the scrape, wherever it is. */
  leave(slot: ScrapeSlot): void {
    this.#streams.delete(slot);
    this.#queue.delete(slot);
    this.#giveBack(slot);
  }

  #isFreeFor(client: string): boolean {
    return this.#working.size < this.#max && countOf(this.#working, client) < this.#maxPerAddress;
  }

  #giveBack(slot: ScrapeSlot): void {
    if (!this.#working.delete(slot)) return;
    const next = this.#nextInQueue();
    if (next === undefined) return;
    const resolve = this.#queue.get(next)!;
    this.#queue.delete(next);
    this.#working.add(next);
    resolve();
  }

  /** The first in the queue of the client that has the fewest slots: many requests of one address get no more than one of another. */
  #nextInQueue(): ScrapeSlot | undefined {
    let next: ScrapeSlot | undefined;
    let fewest = Infinity;
    for (const slot of this.#queue.keys()) {
      const count = countOf(this.#working, slot.client);
      if (count >= fewest || !this.#isFreeFor(slot.client)) continue;
      next = slot;
      fewest = count;
    }
    return next;
  }

  /** Whether one more scrape may come to wait for its client; cuts a slow one off for it if need be. */
  #hasRoomForStream(client: string): boolean {
    const own = [...this.#streams].filter((slot) => slot.client === client);
    if (own.length >= MAX_STREAMS_PER_ADDRESS) return cutSlow(own);
    if (this.#streams.size < MAX_STREAMS) return true;
    return cutSlow([...this.#streams]);
  }
}

/** The place of one scrape, from its beginning to its end. */
export class ScrapeSlot {
  readonly client: string;
  readonly cutOff: () => void;
  /** Since when the client takes nothing, on the clock of `performance.now()`; undefined while it is not waited for. */
  waitsSince: number | undefined;
  readonly #slots: ScrapeSlots;

  constructor(slots: ScrapeSlots, client: string, cutOff: () => void) {
    this.#slots = slots;
    this.client = client;
    this.cutOff = cutOff;
  }

  /** See {@link ScrapeSlots.pause}. */
  pause(): void {
    this.#slots.pause(this);
  }

  /** See {@link ScrapeSlots.tryResume}. */
  tryResume(): boolean {
    return this.#slots.tryResume(this);
  }

  /** See {@link ScrapeSlots.resume}. */
  resume(): Promise<void> {
    return this.#slots.resume(this);
  }

  /** See {@link ScrapeSlots.leave}. */
  leave(): void {
    this.#slots.leave(this);
  }
}

/** Cuts off the one that has waited for longest, if that is long; returns whether it has. They are in that order. */
function cutSlow(streams: readonly ScrapeSlot[]): boolean {
  const slow = streams.find(
    ({ waitsSince }) => waitsSince !== undefined && performance.now() - waitsSince >= SLOW_MILLISECONDS,
  );
  if (slow === undefined) return false;
  slow.leave();
  slow.cutOff();
  return true;
}

function countOf(slots: Iterable<ScrapeSlot>, client: string): number {
  let count = 0;
  for (const slot of slots) if (slot.client === client) count++;
  return count;
}
