/**
 * How many scrapes of one address may wait for their client. Each holds a generator and two chunks, 128 KiB. A scraper
 * has one; eight leave room for several behind one proxy.
 */
const MAX_STREAMS_PER_ADDRESS = 8;
/** The same for all addresses together: 4 MiB. */
const MAX_STREAMS = 4 * MAX_STREAMS_PER_ADDRESS;
/** How many scrapes may queue for a slot; the caller limits how long. Beyond it, scrapes are refused at once. */
const MAX_QUEUED = 32;
/** A client that has read nothing for this long is slow, and is cut off if its place is needed. */
const SLOW_MILLISECONDS = 1000;

/**
 * Limits how many scrapes work (gather, or encode a chunk) at once. A scrape that waits for its client to read gives
 * its slot back meanwhile, so slow clients do not block others; how many may wait is limited per address.
 *
 * If there are several slots, one address gets all but one of them.
 */
export class ScrapeSlots {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #working = new Set<ScrapeSlot>();
  /** Scrapes that wait or have waited for their client, ordered by when they last began to wait. */
  readonly #streams = new Set<ScrapeSlot>();
  /** Scrapes that wait for a slot, each with the function to call when it gets one. */
  readonly #queue = new Map<ScrapeSlot, () => void>();

  constructor(max: number) {
    this.#max = max;
    this.#maxPerAddress = Math.max(1, max - 1);
  }

  /**
   * Returns a place for a scrape, which must await {@link ScrapeSlot.resume} before it works; undefined if too many are
   * waiting. `cutOff` is called to end the scrape if its client is slow and the place is needed.
   */
  enter(client: string, cutOff: () => void): ScrapeSlot | undefined {
    if (this.#queue.size >= MAX_QUEUED || countOf(this.#queue.keys(), client) >= MAX_QUEUED / 2) return undefined;
    return this.#hasRoomForStream(client) ? new ScrapeSlot(this, client, cutOff) : undefined;
  }

  /** Gives the slot back while the client reads. */
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

  /** Resolves when the scrape gets a slot; never, if it leaves before. */
  resume(slot: ScrapeSlot): Promise<void> {
    if (this.tryResume(slot)) return Promise.resolve();
    return new Promise((resolve) => void this.#queue.set(slot, resolve));
  }

  /** Removes the scrape, whether it works or waits. */
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

  /**
   * The first queued scrape of the client with the fewest slots, so that one address cannot take more than its share.
   */
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

  /** Whether one more scrape may wait for its client; cuts off a slow one if necessary. */
  #hasRoomForStream(client: string): boolean {
    const own = [...this.#streams].filter((slot) => slot.client === client);
    if (own.length >= MAX_STREAMS_PER_ADDRESS) return cutSlow(own);
    if (this.#streams.size < MAX_STREAMS) return true;
    return cutSlow([...this.#streams]);
  }
}

/** The place of one scrape, from start to end. */
export class ScrapeSlot {
  readonly client: string;
  readonly cutOff: () => void;
  /** Since when the scrape has been waiting for its client, by `performance.now()`; undefined while it is not. */
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

/**
 * Cuts off the scrape that has waited longest, if its client is slow; returns whether it did. Expects them in order.
 */
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
