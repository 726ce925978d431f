import { MergedFamilies } from '../../aggregate/merged-families.ts';
import {
  numbersPerSeries,
  type PartContent,
  PROTOCOL,
  type ReportPart,
  type SeriesChange,
} from '../../aggregate/message.ts';
import { ReportWriter } from '../../aggregate/report-writer.ts';
import { Source } from '../../aggregate/source.ts';
import { errorText, warn } from '../../model/error-text.ts';
import type { Family } from '../../model/family.ts';
import type { Announcement, SharedOwner } from './announcements.ts';
import { readWhole } from './cells.ts';
import { sequenceOf } from './children.ts';
import { type ListedSeries, SeriesListReader } from './series-list.ts';

type FamilyAnnouncement = Announcement & { readonly kind: 'family' };

/**
 * The shared metrics of all threads of a process, added up when they are read. Each thread is a source of lib/aggregate, so
 * counts stay when a thread ends, and metrics of different types under one name are refused.
 */
export class SharedReader {
  readonly #families = new MergedFamilies(false, []);
  readonly #owners = new Map<string, OwnerReader>();
  #hasWarned = false;

  /** Takes what a thread says. May be said several times. */
  take(announcement: Announcement): void {
    if (announcement.kind === 'who') return;
    if (announcement.kind === 'ended') return this.#end(announcement.threadId);
    const key = keyOf(announcement.owner);
    let owner = this.#owners.get(key);
    if (owner === undefined) {
      const places = new Set([...this.#owners.values()].map(({ place }) => place));
      let place = 1;
      while (places.has(place)) place++;
      owner = new OwnerReader(this.#families, place, announcement.owner.threadId);
      this.#owners.set(key, owner);
    }
    owner.take(announcement);
  }

  /** Takes the counts of threads that have ended, as {@link keptCounts} of another reader returns them. */
  takeKept(parts: readonly PartContent[]): void {
    const source = new Source({
      families: this.#families,
      place: 0,
      workerLabel: undefined,
      onRefused: () => undefined,
    });
    for (const part of parts) source.take(partOf(part, false));
    source.end();
  }

  /** Returns what this reader has read, so that another one can continue its counts. */
  keptCounts(): PartContent[] {
    return [...new ReportWriter().parts(this.#families.exposed)];
  }

  /** Reads the memory of all threads and returns the families. A thread that stands still in an update keeps its last values. */
  families(): Family[] {
    for (const owner of this.#owners.values()) this.#read(owner);
    return this.#families.exposed;
  }

  #end(threadId: number): void {
    for (const [key, owner] of this.#owners) {
      if (owner.threadId !== threadId) continue;
      this.#read(owner);
      owner.end();
      this.#owners.delete(key);
    }
  }

  #read(owner: OwnerReader): void {
    try {
      owner.read();
    } catch (error) {
      if (!this.#hasWarned)
        warn('METRICS_SHARED_MEMORY', `Cannot read shared metrics of a thread: ${errorText(error)}`);
      this.#hasWarned = true;
    }
  }
}

/** The memory of one thread. */
class OwnerReader {
  readonly place: number;
  readonly threadId: number;
  readonly #source: Source;
  readonly #buffers: { readonly cells: Float64Array; readonly words: Int32Array }[] = [];
  readonly #families = new Map<number, ReadFamily>();
  #gone: number[] = [];

  constructor(families: MergedFamilies, place: number, threadId: number) {
    this.place = place;
    this.threadId = threadId;
    this.#source = new Source({ families, place, workerLabel: undefined, onRefused: () => undefined });
  }

  take(announcement: Exclude<Announcement, { kind: 'who' | 'ended' }>): void {
    switch (announcement.kind) {
      case 'cells': {
        const { index, buffer } = announcement;
        this.#buffers[index] ??= { cells: new Float64Array(buffer), words: new Int32Array(buffer) };
        return;
      }
      case 'family': {
        const { id, generation } = announcement;
        const known = this.#families.get(id);
        if (known?.announced.generation === generation) known.announced = announcement;
        else if (known === undefined || known.announced.generation < generation)
          this.#families.set(id, new ReadFamily(announcement));
        return;
      }
      case 'gone':
        if (this.#families.delete(announcement.id)) this.#gone.push(announcement.id);
        return;
    }
  }

  /** Gives the current numbers to the merged families. Throws if they cannot be read; then nothing has changed. */
  read(): void {
    const changes: SeriesChange[] = [];
    const runs: number[] = [];
    let length = 0;
    for (const [id, family] of this.#families) {
      family.grow();
      if (!family.isTold || family.told < family.series.length) changes.push(family.change(id));
      if (family.series.length > 0) runs.push(id, 0, family.series.length);
      length += family.series.length * family.width;
    }
    const numbers = new Float64Array(length);
    let at = 0;
    for (const family of this.#families.values()) at = family.read(this.#buffers, numbers, at);
    this.#source.take(partOf({ changes, gone: this.#gone, runs, numbers, exemplars: [] }, false));
    this.#gone = [];
    for (const family of this.#families.values()) family.isTold = true;
    for (const family of this.#families.values()) family.told = family.series.length;
  }

  /** The thread has ended: its counts stay. */
  end(): void {
    this.#source.end();
  }
}

class ReadFamily {
  /** The latest announcement of this generation; its list may be in a new buffer. */
  announced: FamilyAnnouncement;
  readonly series: ListedSeries[] = [];
  readonly width: number;
  /** Whether the source knows the family, and how many of its series. */
  isTold = false;
  told = 0;
  readonly #list = new SeriesListReader();
  /** By label values, the place in {@link series}. */
  readonly #places = new Map<string, number>();

  constructor(announced: FamilyAnnouncement) {
    this.announced = announced;
    this.width = numbersPerSeries(announced.description);
  }

  /**
   * Takes the series that have been added to the list. One that was removed and created again replaces itself: until the list
   * is begun again both are in it, and a family with a series twice would be refused.
   */
  grow(): void {
    for (const one of this.#list.next(this.announced.list)) {
      const key = JSON.stringify(one.labelValues);
      const place = this.#places.get(key);
      if (place === undefined) this.#places.set(key, this.series.push(one) - 1);
      else this.series[place] = one;
    }
  }

  change(id: number): SeriesChange {
    const { description, createdSeconds } = this.announced;
    const add = this.series.slice(this.told).map(({ labelValues }) => labelValues);
    if (this.isTold) return { id, keep: this.told, add };
    return { id, keep: 0, add, description, ...(createdSeconds === undefined ? {} : { createdSeconds }) };
  }

  /** Copies the numbers of all series; returns the place behind them. */
  read(
    buffers: readonly { readonly cells: Float64Array; readonly words: Int32Array }[],
    into: Float64Array,
    at: number,
  ): number {
    const { width } = this;
    const { type, upperBounds } = this.announced.description;
    for (const { buffer, start } of this.series) {
      const { cells, words } = buffers[buffer]!;
      if (type === 'histogram') {
        const sequence = sequenceOf(start, upperBounds.length + 1);
        readWhole(cells, words, sequence, start, into.subarray(at, at + width));
      } else into[at] = cells[start]! + 0;
      at += width;
    }
    return at;
  }
}

function keyOf({ threadId, copy }: SharedOwner): string {
  return `${threadId} ${copy}`;
}

function partOf(content: PartContent, isFresh: boolean): ReportPart {
  const head = { protocol: PROTOCOL, kind: 'report', reporter: '', aggregator: '', request: 0 } as const;
  return { ...head, isFresh, isLast: true, ...content };
}
