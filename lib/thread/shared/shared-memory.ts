import { type FamilyDescription, randomId } from '../../aggregate/message.ts';
import { BucketTable } from '../../metrics/bucket-table.ts';
import type { LabelBranch } from '../../metrics/child.ts';
import type { Family, MetricType } from '../../model/family.ts';
import type { LabelValue } from '../../model/label-value.ts';
import type { MetricStorage, StoredMetric } from '../../model/metric-storage.ts';
import { describe } from '../../model/names.ts';
import { type Announcement, type AnnouncementChannel, openChannel, type SharedOwner } from './announcements.ts';
import { type CellPlace, ownPlace, SharedCells } from './cells.ts';
import { SharedCounterChild, SharedGaugeChild, SharedHistogramChild, type SharedHome } from './children.ts';
import { type ListLine, SeriesList } from './series-list.ts';

/** How often series that are back and changed constant labels are looked for. Everything else is announced at once. */
const LOOK_MILLISECONDS = 1000;

let memory: SharedMemory | undefined;

/**
 * Returns the storage of this thread for counters, gauges and histograms whose values a metrics thread reads while the event
 * loop is blocked, and for totals over worker threads without messages. An update takes a few nanoseconds more than
 * otherwise, and allocates nothing either.
 *
 * A metric with this storage cannot have `idleSeconds`, nor the aggregators `ratio` and `omit`. Exemplars stay in its thread.
 *
 * @example
 * ```ts
 * const orders = new Counter({ name: 'orders_total', help: 'Orders.', storage: sharedMemory() });
 * orders.inc();
 * const registry = new MetricsRegistry({ storage: sharedMemory() }); // of all metrics that are created for it
 * ```
 */
export function sharedMemory(): MetricStorage {
  memory ??= new SharedMemory();
  return memory;
}

/** The storage of this thread, if it has been used. */
export function usedMemory(): SharedMemory | undefined {
  return memory;
}

/** The shared memory of a thread. */
export class SharedMemory implements MetricStorage {
  readonly #owner: SharedOwner;
  readonly #channel: AnnouncementChannel;
  readonly #cells: SharedCells;
  readonly #metrics = new Set<SharedMetric>();
  #lastId = 0;

  constructor() {
    const { threadId } = process.getBuiltinModule('node:worker_threads');
    this.#owner = { threadId, copy: randomId() };
    this.#channel = openChannel(({ kind }) => {
      if (kind === 'who') for (const announcement of this.announcements()) this.#channel.say(announcement);
    });
    this.#cells = new SharedCells((index, buffer) => {
      this.#channel.say({ kind: 'cells', owner: this.#owner, index, buffer });
    });
    const { setInterval } = process.getBuiltinModule('node:timers');
    setInterval(() => this.look(), LOOK_MILLISECONDS).unref();
  }

  /** Called once a second: looks after memory, and for what is not announced at once. */
  look(): void {
    this.#cells.tick();
    for (const metric of this.#metrics) metric.look();
  }

  /** How much memory the numbers take. */
  get bytes(): number {
    return this.#cells.buffers.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
  }

  /**
   * Throws a RangeError for a metric that cannot be in shared memory; returns undefined if only its registry has asked.
   */
  store(type: MetricType, options: object, upperBounds?: readonly number[]): StoredMetric | undefined {
    const { name, aggregator, idleSeconds, registers, storage } = options as {
      readonly name?: unknown;
      readonly aggregator?: unknown;
      readonly storage?: unknown;
      readonly idleSeconds?: number;
      readonly registers?: readonly { readonly idleSeconds?: number | undefined }[];
    };
    const table = upperBounds && new BucketTable(upperBounds);
    const refuse = (expected: string, hasAsked = storage !== undefined): undefined => {
      if (!hasAsked) return undefined; // only its registry has: it is reported
      throw new RangeError(
        `Cannot create metric ${describe(name)} in shared memory: expected ${expected}. Leave out storage.`,
      );
    };
    if (type === 'histogram' && table === undefined) return refuse('fixed buckets, got native ones');
    if (aggregator === 'ratio' || aggregator === 'omit') return refuse(`another aggregator than "${aggregator}"`);
    if ((idleSeconds ?? registers?.[0]?.idleSeconds ?? Infinity) < Infinity)
      return refuse(
        'no idleSeconds, since its series are never removed',
        storage !== undefined || idleSeconds === undefined,
      );
    return new SharedMetric(
      type,
      table,
      this.#cells,
      (announcement) => {
        if (announcement.kind === 'family') this.#metrics.add(announcement.metric);
        else this.#metrics.delete(announcement.metric);
        this.#channel.say(this.#told(announcement));
      },
      ++this.#lastId,
    );
  }

  /** The names of the families that are read from memory, and so need not be reported. */
  get exposedNames(): ReadonlySet<string> {
    return new Set([...this.#metrics].map(({ name }) => name));
  }

  /** All that another thread has to know. */
  *announcements(): Generator<Announcement> {
    for (const [index, buffer] of this.#cells.buffers.entries())
      yield { kind: 'cells', owner: this.#owner, index, buffer };
    for (const metric of this.#metrics) yield this.#told({ kind: 'family', metric });
  }

  #told({ kind, metric }: MetricNews): Announcement {
    const { id } = metric;
    if (kind === 'gone') return { kind, owner: this.#owner, id };
    return { kind, owner: this.#owner, id, ...metric.exposure! };
  }
}

interface MetricNews {
  readonly kind: 'family' | 'gone';
  readonly metric: SharedMetric;
}

type SharedChild = SharedCounterChild | SharedGaugeChild | SharedHistogramChild;

/** A metric whose numbers are in shared memory. */
class SharedMetric implements StoredMetric, SharedHome {
  readonly id: number;
  readonly copy: CellPlace | undefined;
  readonly #type: MetricType;
  readonly #table: BucketTable | undefined;
  readonly #cells: SharedCells;
  readonly #say: (news: MetricNews) => void;
  #family: Family | undefined;
  /** As they were announced. */
  #constantLabels: Family['constantLabels'] = [];
  #list = new SeriesList();
  #generation = 0;
  /** Whether series were removed, whose children may be held: a reading brings those back that have been updated. */
  #mayComeBack = false;

  constructor(
    type: MetricType,
    table: BucketTable | undefined,
    cells: SharedCells,
    say: (news: MetricNews) => void,
    id: number,
  ) {
    this.#type = type;
    this.#table = table;
    this.#cells = cells;
    this.#say = say;
    this.id = id;
    this.copy = table && ownPlace(widthOf(table));
  }

  get name(): string {
    return this.#family!.name;
  }

  /** How the family is announced; undefined if no registry has it. */
  get exposure(): Omit<Announcement & { readonly kind: 'family' }, 'kind' | 'owner' | 'id'> | undefined {
    const family = this.#family;
    if (family === undefined) return undefined;
    const { createdSeconds } = family;
    return {
      generation: this.#generation,
      description: descriptionOf(family),
      createdSeconds,
      list: this.#list.buffer,
      copy: this.copy && { buffer: this.copy.buffer, start: this.copy.start },
    };
  }

  /** Called without this object. */
  readonly createChild = (parent: LabelBranch, lastValue: LabelValue | undefined): SharedChild => {
    const table = this.#table;
    const count = table === undefined ? 1 : widthOf(table);
    const place = this.#family === undefined ? ownPlace(count) : this.#cells.take(count);
    const child =
      table !== undefined
        ? new SharedHistogramChild(parent, lastValue, place, this, table)
        : new (this.#type === 'counter' ? SharedCounterChild : SharedGaugeChild)(parent, lastValue, place, this);
    if (this.#family !== undefined) this.#add(place, child);
    return child;
  };

  /** Called without this object. */
  readonly onRemove = (child: SharedChild): void => child.leave();

  /** Called without this object. */
  readonly onClear = (children: readonly unknown[]): void =>
    (children as readonly SharedChild[]).forEach(this.onRemove);

  leave(place: CellPlace): void {
    const { line } = place;
    this.#mayComeBack = true;
    if (this.#cells.release([place]) && this.#list.add([line])) this.#say({ kind: 'family', metric: this });
  }

  enter(place: CellPlace, child: Pick<SharedChild, 'labelValues'>): void {
    if (this.#family !== undefined && this.#cells.share(place)) this.#add(place, child);
  }

  expose(family: Family | undefined): void {
    if (family === undefined) return this.#withdraw();
    // A metric of several registries is announced as the first of them exposes it.
    if (this.#family !== undefined) return;
    this.#family = family;
    if (this.copy !== undefined) this.#cells.share(this.copy);
    const list = new SeriesList();
    for (const child of family.series as readonly SharedChild[]) {
      this.#cells.share(child.place);
      child.follow();
      child.place.line = list.count;
      list.add(lineOf(child.place, child));
    }
    this.#announce(family, list);
  }

  /** Gives the memory back, since no registry has the metric: it may never be used again. */
  #withdraw(): void {
    const children = (this.#family?.series ?? []) as readonly SharedChild[];
    this.#family = undefined;
    const places = children.map(({ place }) => place);
    this.#cells.release(this.copy === undefined ? places : [...places, this.copy]);
    for (const child of children) child.follow();
    this.#say({ kind: 'gone', metric: this });
  }

  /** Brings series back whose children were updated, announces other constant labels, and drops the lines of removed series. */
  look(): void {
    const family = this.#family!;
    if (this.#mayComeBack) void family.series;
    if (this.#list.isSparse) {
      const list = new SeriesList();
      for (const { place } of family.series as readonly SharedChild[]) {
        const { line } = place;
        place.line = list.count;
        list.copy(this.#list, line);
      }
      this.#announce(family, list);
    } else if (family.constantLabels !== this.#constantLabels) this.#announce(family, this.#list);
  }

  #announce(family: Family, list: SeriesList): void {
    this.#list = list;
    this.#constantLabels = family.constantLabels;
    this.#generation++;
    this.#say({ kind: 'family', metric: this });
  }

  /** Lists a series at once: the event loop may be blocked from now on. */
  #add(place: CellPlace, child: Pick<SharedChild, 'labelValues'>): void {
    place.line = this.#list.count;
    if (this.#list.add(lineOf(place, child))) this.#say({ kind: 'family', metric: this });
  }
}

/** How many numbers a histogram has: its buckets, its sum and its lock. */
function widthOf({ bounds }: BucketTable): number {
  return bounds.length + 2;
}

function lineOf({ buffer, start }: CellPlace, { labelValues }: Pick<SharedChild, 'labelValues'>): ListLine {
  return [buffer, start, labelValues];
}

function descriptionOf(family: Family): FamilyDescription {
  const { name, help, type, unit, labelNames, constantLabels, aggregator } = family;
  const upperBounds = type === 'histogram' ? family.upperBounds : [];
  return { name, help, type, unit, labelNames, constantLabels, aggregator, upperBounds, quantiles: [] };
}
