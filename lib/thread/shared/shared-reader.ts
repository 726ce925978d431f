import { MergedFamilies } from '../../aggregate/merged-families.ts';
import { numbersPerSeries, type PartContent, PROTOCOL, type ReportPart } from '../../aggregate/message.ts';
import { ReportWriter } from '../../aggregate/report-writer.ts';
import { Source } from '../../aggregate/source.ts';
import { errorText, warn } from '../../model/error-text.ts';
import type { Family } from '../../model/family.ts';
import { nextTurn } from '../../model/promises.ts';
import type { Announcement, SharedOwner } from './announcements.ts';
import { HistogramReader } from './histogram-lock.ts';
import { SeriesListReader } from './series-list.ts';

/** How much of a list is read before the event loop turns: some 1,000 series, which take 5 ms (AMD EPYC, busy). */
const SLICE_BYTES = 32_768;

type FamilyAnnouncement = Announcement & { readonly kind: 'family' };

/**
 * The shared metrics of all threads of a process, added up when they are read. Each thread is a source of lib/aggregate, so
 * counts stay when a thread ends, and metrics of different types under one name are refused.
 */
export class SharedReader {
  readonly #families = new MergedFamilies(false, []);
  readonly #owners = new Map<string, OwnerReader>();
  #catchingUp: Promise<void> | undefined;
  #hasWarned = false;
  /** Ends of threads whose announcements may be among those that were missed; undefined if none can be any more. */
  #waitingEnds: (Announcement & { readonly kind: 'ended' })[] | undefined;

  /** `isToMiss`: {@link takeMissed} will be called. */
  constructor(isToMiss = false) {
    if (isToMiss) this.#waitingEnds = [];
  }

  /** Takes what was said before this reader could hear it, and maybe after. */
  takeMissed(announcements: readonly Announcement[]): void {
    for (const one of announcements) this.take(one);
    const ends = this.#waitingEnds ?? [];
    this.#waitingEnds = undefined;
    for (const one of ends) this.take(one);
  }

  /** Takes what a thread says. May be said several times. */
  take(announcement: Announcement): void {
    if (announcement.kind === 'who' || announcement.kind === 'mark') return;
    if (announcement.kind === 'ended') {
      if (this.#waitingEnds === undefined) this.#end(announcement.threadId);
      else this.#waitingEnds.push(announcement);
      return;
    }
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
    for (const part of parts) source.take(partOf(part));
    source.end();
  }

  /** Returns what this reader has read, so that another one can continue its counts. */
  keptCounts(): PartContent[] {
    return [...new ReportWriter().parts(this.#families.exposed)];
  }

  /** Takes new series in slices, and lets the event loop turn in between: a million of them take seconds. */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#takeSlices().finally(() => (this.#catchingUp = undefined));
    return this.#catchingUp;
  }

  async #takeSlices(): Promise<void> {
    for (const [key, owner] of this.#owners)
      while (this.#owners.get(key) === owner && this.#try(() => owner.grow(SLICE_BYTES))) await nextTurn();
  }

  /** Reads the memory of all threads and returns the families. */
  families(): Family[] {
    for (const owner of this.#owners.values()) this.#try(() => owner.read());
    return this.#families.exposed;
  }

  #end(threadId: number): void {
    for (const [key, owner] of this.#owners) {
      if (owner.threadId !== threadId) continue;
      this.#try(() => owner.end());
      this.#owners.delete(key);
    }
  }

  /** Returns what `read` does; undefined if it fails, which is reported once. */
  #try<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!this.#hasWarned)
        warn('METRICS_SHARED_MEMORY', `Cannot read shared metrics of a thread: ${errorText(error)}`);
      this.#hasWarned = true;
      return undefined;
    }
  }
}

/** A buffer, as numbers and as sequence numbers. */
interface SharedNumbers {
  readonly cells: Float64Array;
  readonly words: Int32Array;
}

/** The memory of one thread. */
class OwnerReader {
  readonly place: number;
  readonly threadId: number;
  readonly #source: Source;
  readonly #buffers: (SharedNumbers | undefined)[] = [];
  readonly #families = new Map<number, ReadFamily>();
  readonly #histograms = new HistogramReader();
  #gone: number[] = [];

  constructor(families: MergedFamilies, place: number, threadId: number) {
    this.place = place;
    this.threadId = threadId;
    this.#source = new Source({ families, place, workerLabel: undefined, onRefused: () => undefined });
  }

  take(announcement: Exclude<Announcement, { kind: 'who' | 'mark' | 'ended' }>): void {
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

  /** Takes new series of a family, those of about so many bytes; returns whether there may be more. */
  grow(bytes: number): boolean {
    for (const [id, family] of this.#families) if (family.grow(id, this.#source, bytes)) return true;
    return false;
  }

  /** Gives the current series and numbers to the merged families. What cannot be read now stays as it was. */
  read(isOver = false): void {
    let length = 0;
    for (const [id, family] of this.#families) {
      family.grow(id, this.#source, Infinity);
      length += family.count * family.width;
    }
    this.#histograms.begin();
    const into: NumbersOfRuns = { runs: [], numbers: new Float64Array(length), end: 0 };
    for (const [id, family] of this.#families) family.read(id, this.#buffers, this.#histograms, isOver, into);
    const { runs, numbers, end } = into;
    this.#source.take(partOf({ ...NOTHING, gone: this.#gone, runs, numbers: numbers.subarray(0, end) }));
    this.#gone = [];
  }

  /** The thread has ended: its counts stay. */
  end(): void {
    try {
      this.read(true);
    } finally {
      this.#source.end();
    }
  }
}

/** Numbers of series, as a report has them. */
interface NumbersOfRuns {
  readonly runs: number[];
  readonly numbers: Float64Array;
  /** The place behind the numbers. */
  end: number;
}

class ReadFamily {
  /** The latest announcement of this generation; its list may be in a new buffer. */
  announced: FamilyAnnouncement;
  /** How many numbers a series has. */
  readonly width: number;
  #isDescribed = false;
  readonly #list = new SeriesListReader();
  /** Where the numbers of each series are, in the order of the source. */
  readonly #buffers: number[] = [];
  readonly #starts: number[] = [];
  /** The line of each series, and the series of each line. */
  readonly #lines: number[] = [];
  readonly #indices: number[] = [];

  constructor(announced: FamilyAnnouncement) {
    this.announced = announced;
    this.width = numbersPerSeries(announced.description);
  }

  /** How many series there are. */
  get count(): number {
    return this.#lines.length;
  }

  /** Gives the source changes of the list since the last call, of about so many bytes; returns whether there were any. */
  grow(id: number, source: Source, bytes: number): boolean {
    if (this.#isDescribed && !this.#list.isBehind(this.announced.list)) return false;
    let added: (readonly string[])[] = [];
    const give = (): void => {
      if (added.length === 0 && this.#isDescribed) return;
      const { description, createdSeconds } = this.announced;
      const change = { id, keep: this.count - added.length, add: added };
      const described = { ...change, description, ...(createdSeconds === undefined ? {} : { createdSeconds }) };
      source.take(partOf({ ...NOTHING, changes: [this.#isDescribed ? change : described] }));
      this.#isDescribed = true;
      added = [];
    };
    for (const line of this.#list.next(this.announced.list, bytes)) {
      if (line.length === 1) {
        give();
        source.remove(id, this.#remove(line[0]));
        this.#indices.push(GONE); // of the line itself
        continue;
      }
      const [buffer, start, labelValues] = line;
      this.#lines.push(this.#indices.length);
      this.#indices.push(this.#buffers.length);
      this.#buffers.push(buffer);
      this.#starts.push(start);
      added.push(labelValues);
    }
    give();
    return true;
  }

  /** Removes the series of a line, whose index the last one gets; returns the index. */
  #remove(line: number): number {
    const index = this.#indices[line]!;
    const last = this.count - 1;
    for (const numbers of [this.#buffers, this.#starts, this.#lines]) {
      numbers[index] = numbers[last]!;
      numbers.pop();
    }
    if (index < last) this.#indices[this.#lines[index]!] = index;
    this.#indices[line] = GONE;
    return index;
  }

  /** Adds the numbers of all series, except of those that cannot be read now. */
  read(
    id: number,
    buffers: readonly (SharedNumbers | undefined)[],
    histograms: HistogramReader,
    isOver: boolean,
    into: NumbersOfRuns,
  ): void {
    const { width, count } = this;
    const { description, copy } = this.announced;
    const isHistogram = description.type === 'histogram';
    // Behind the numbers of a histogram, there is the lock.
    const place = { start: 0, count: width + 1, ...NO_NUMBERS };
    const placeOfCopy = { start: copy?.start ?? 0, count: width + 1, ...(buffers[copy?.buffer ?? 0] ?? NO_NUMBERS) };
    let first = 0;
    const endRun = (end: number): void => {
      if (first < end) into.runs.push(id, first, end - first);
      first = end + 1;
    };
    for (let i = 0; i < count; i++) {
      // A list is seen at once, and a new buffer when its announcement arrives.
      const numbers = buffers[this.#buffers[i]!];
      if (numbers === undefined) {
        endRun(i);
        continue;
      }
      place.start = this.#starts[i]!;
      place.cells = numbers.cells;
      place.words = numbers.words;
      if (!isHistogram) into.numbers[into.end] = place.cells[place.start]! + 0;
      else if (!histograms.read(place, placeOfCopy, isOver, into.numbers, into.end)) {
        endRun(i);
        continue;
      }
      into.end += width;
    }
    endRun(count);
  }
}

/** The index of a series that is gone. */
const GONE = -1;

const NO_NUMBERS: SharedNumbers = { cells: new Float64Array(0), words: new Int32Array(0) };

const NOTHING: PartContent = { changes: [], gone: [], runs: [], numbers: new Float64Array(0), exemplars: [] };

function keyOf({ threadId, copy }: SharedOwner): string {
  return `${threadId} ${copy}`;
}

function partOf(content: PartContent): ReportPart {
  const head = { protocol: PROTOCOL, kind: 'report', reporter: '', aggregator: '', request: 0 } as const;
  return { ...head, isFresh: false, isLast: true, ...content };
}
