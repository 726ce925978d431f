import { inspect } from 'node:util';
import { type Family, type Gatherer, type LabelValue, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { turn } from '../support/turn.ts';
import { expectedFamily, expectedLabels, expectedPoints, isOfSeries } from './expected.ts';
import { FUZZ_FORMATS, type FuzzFormat } from './formats.ts';
import { type Clock, ModelMetric, type Shape } from './model.ts';
import type { Form, Operation } from './operations.ts';
import { type ReadFamily, readScrape } from './reading.ts';
import {
  type Change,
  changeOf,
  childOf,
  createSubject,
  fillValues,
  IDLE_SECONDS,
  labelArguments,
  labelValuesOf,
  refusedUpdate,
  type Subject,
  type SubjectChild,
  shapeOf,
} from './subject.ts';

/** What one run did, and what was wrong if something was. */
export interface FuzzOutcome {
  readonly fault: string | undefined;
  readonly scrapes: number;
  /** Series that were read back and compared. */
  readonly series: number;
  /** Those of them that changed while the scrape was under way. */
  readonly changing: number;
}

const PREFIX = 'p.';
const CONSTANT_LABELS = { 'const.é': 'c"\\\né' };
/** What a registry says of itself, once a metric has too many series. */
const OVERFLOWED_UPDATES = {
  kind: 'Counter',
  name: 'metrics_client_overflowed_updates_total',
  help: '',
  unit: '',
} as const;
const MOST_SCRAPES = 4;
/** So small that every scrape of more than a few series is of several. */
const CHUNK_BYTES = 1024;

/** A metric under test beside its model. */
interface Pair {
  readonly subject: Subject;
  readonly model: ModelMetric;
}

interface Held extends Pair {
  readonly child: SubjectChild;
  readonly labelValues: readonly string[];
}

interface Scrape {
  readonly format: FuzzFormat;
  readonly contentType: string;
  /** When its collectors began, which may have been for another scrape. */
  readonly from: number;
  /** The bytes, or what was thrown. */
  result: Uint8Array | Error | undefined;
}

/**
 * Runs operations against a registry and against a model of it, and holds every scrape to the model: each series has a
 * state that it had at some moment of the scrape; each that was there all the time is there once; none that was not is.
 *
 * The same operations do the same each time: clocks are replaced meanwhile, so that each slice of a scrape ends at its first
 * opportunity and `turn` gives every scrape under way one of them.
 */
export async function runOperations(operations: readonly Operation[]): Promise<FuzzOutcome> {
  const { now } = performance;
  const { now: dateNow } = Date;
  const { emitWarning } = process;
  const run = new FuzzRun();
  performance.now = () => ++run.milliseconds;
  process.emitWarning = () => {}; // of metrics that have too many series
  Date.now = () => run.nowSeconds * 1000;
  try {
    return { fault: await run.faultOf(operations), scrapes: run.scrapes, series: run.series, changing: run.changing };
  } finally {
    performance.now = now;
    Date.now = dateNow;
    process.emitWarning = emitWarning;
  }
}

class FuzzRun {
  /** Of the monotonic clock. */
  milliseconds = 0;
  scrapes = 0;
  series = 0;
  changing = 0;
  readonly #clock: Clock = { tick: 1, isWatched: false };
  readonly #registry = new MetricsRegistry({
    prefix: PREFIX,
    constantLabels: CONSTANT_LABELS,
    nameValidationScheme: 'utf8',
  });
  readonly #gatherer: Gatherer = { gather: () => this.#gather() };
  readonly #exporters = [false, true].map(
    (createdLines) => new PrometheusExporter(this.#gatherer, { chunkBytes: CHUNK_BYTES, createdLines }),
  );
  readonly #pairs = new Map<number, Pair>();
  /** All that a scrape under way may show, those that have left their places among them. */
  readonly #seen = new Set<ModelMetric>();
  readonly #everHeld = new Set<SubjectChild>();
  readonly #held = new Map<number, Held>();
  #running: Scrape[] = [];
  /** Scrapes that wait for collectors, and when the first of them came: they share a run, which began then. */
  #gathering = { count: 0, from: 0 };

  async faultOf(operations: readonly Operation[]): Promise<string | undefined> {
    const everything: Operation[] = FUZZ_FORMATS.flatMap((_, format) => [
      { do: 'scrape', format, isWhole: format % 2 === 0 },
      { do: 'turn', count: 1e5 },
    ]);
    for (const [i, operation] of [...operations, { do: 'turn', count: 1e5 } as const, ...everything].entries()) {
      try {
        await this.#run(operation);
      } catch (error) {
        return `operation ${i}, ${JSON.stringify(operation)}: ${inspect(error)}`;
      }
    }
    return undefined;
  }

  async #run(operation: Operation): Promise<void> {
    this.#clock.tick++;
    switch (operation.do) {
      case 'create':
        return this.#create(operation);
      case 'scrape':
        return this.#startScrape(operation.format, operation.isWhole);
      case 'turn':
        for (let i = 0; i < operation.count && this.#running.length > 0; i++) await this.#turn();
        return;
      case 'leap':
        this.milliseconds += 2 * IDLE_SECONDS * 1000;
        for (const { subject, model } of this.#pairs.values()) {
          void subject.series; // expired series leave when somebody reads, here at once
          if (model.shape.canExpire) model.expire();
        }
        return;
      case 'updateHeld': {
        const held = this.#held.get(operation.hold);
        if (held === undefined) return;
        // Where there may be no room to come back, what it counts may go to the overflow series, when the next scrape comes.
        const isRemoved = held.model.stateOf(held.labelValues) === undefined;
        if (isRemoved && held.model.shape.maxSeries < Infinity) return;
        const change = changeOf(held.model.shape, operation.amount, operation.variant, this.nowSeconds);
        change.apply(held.child);
        held.model.update(held.labelValues, change.change);
        return;
      }
      default: {
        const pair = this.#pairs.get(operation.at);
        if (pair !== undefined) this.#change(operation, pair);
      }
    }
  }

  #change(
    operation: Exclude<Operation, { readonly do: 'create' | 'scrape' | 'turn' | 'leap' | 'updateHeld' }>,
    pair: Pair,
  ): void {
    const { subject, model } = pair;
    const { shape } = model;
    switch (operation.do) {
      case 'update': {
        const { values, form, amount, variant } = operation;
        this.#update(pair, labelValuesOf(shape, values), amount, variant, form);
        return;
      }
      case 'fill':
      case 'drain':
      case 'recreate':
        for (let i = 0; i < operation.count && shape.labelNames.length > 0; i++) {
          const values = fillValues(shape, operation.from + i);
          if (operation.do !== 'fill') this.#remove(pair, values, 'position');
          if (operation.do !== 'drain')
            this.#update(pair, values, operation.amount + i, operation.amount + i * 5, 'position');
        }
        return;
      case 'remove':
        this.#remove(pair, labelValuesOf(shape, operation.values), operation.form);
        return;
      case 'refuse': {
        const { values, form, variant } = operation;
        const update = refusedUpdate(subject, shape, labelValuesOf(shape, values), form, variant);
        let isRefused = false;
        try {
          update();
        } catch {
          isRefused = true;
        }
        if (!isRefused) throw new Error('an update was not refused');
        return;
      }
      case 'hold': {
        if (shape.kind === 'Info' || shape.kind === 'StateSet') return;
        const values = labelValuesOf(shape, operation.values);
        const child = childOf(subject, shape, values, 'position');
        if (values.length > 0) model.update(values.map(String), (state) => state);
        const labelValues =
          model.stateOf(values.map(String)) === undefined ? values.map(() => 'overflow') : values.map(String);
        this.#everHeld.add(child); // what was counted in a removed series, and let go of before a scrape, may be lost
        this.#held.set(operation.hold, { ...pair, child, labelValues });
        return;
      }
      case 'clear':
      case 'reset':
        subject[operation.do]();
        model[operation.do](this.nowSeconds);
        return;
      case 'register':
        if (model.isRegistered.now) return;
        this.#registry.register(subject as never);
        model.isRegistered.set(true);
        return;
      case 'unregister':
        this.#unregister(pair);
    }
  }

  #create(operation: Operation & { readonly do: 'create' }): void {
    const old = this.#pairs.get(operation.at);
    if (old !== undefined) this.#unregister(old);
    const shape = shapeOf(operation);
    const subject = createSubject(shape, operation.collect, this.#registry);
    const model = new ModelMetric(shape, this.#clock, this.nowSeconds);
    this.#pairs.set(operation.at, { subject, model });
    this.#seen.add(model);
  }

  #unregister({ subject, model }: Pair): void {
    const was = model.isRegistered.now;
    if (this.#registry.unregister(subject as never) !== was) throw new Error(`unregister() did not return ${was}`);
    model.isRegistered.set(false);
  }

  #update({ subject, model }: Pair, values: readonly LabelValue[], amount: number, variant: number, form: Form): void {
    const { shape } = model;
    const texts = values.map(String);
    if (shape.kind === 'Info') {
      const [labels] = labelArguments(shape, values, form === 'position' ? 'object' : form);
      const isOnly = variant % 8 === 0;
      subject[isOnly ? 'set' : 'add'](labels);
      if (isOnly) model.clear(this.nowSeconds);
      model.update(texts, (state) => ({ ...state, value: 1 }));
      return;
    }
    if (shape.kind === 'StateSet') {
      const state = shape.states[amount % shape.states.length]!;
      const labels =
        shape.labelNames.length === 0 ? [] : labelArguments(shape, values, form === 'position' ? 'object' : form);
      const isSelected = variant % 2 === 0;
      const isOn = variant % 4 === 1;
      if (isSelected) subject.select(...labels, state);
      else subject.set(...labels, state, isOn);
      for (const each of shape.states) {
        const value = each === state ? Number(isSelected || isOn) : 0;
        model.update([...texts, each], (before) => ({
          ...before,
          value: isSelected || each === state ? value : before.value,
        }));
      }
      return;
    }
    const change: Change = changeOf(shape, amount, variant, this.nowSeconds);
    change.apply(childOf(subject, shape, labelArguments(shape, values, form), form));
    model.update(texts, change.change);
  }

  #remove({ subject, model }: Pair, values: readonly LabelValue[], form: Form): void {
    const { shape } = model;
    const texts = values.map(String);
    const keys = shape.kind === 'StateSet' ? shape.states.map((state) => [...texts, state]) : [texts];
    const expected = keys.map((key) => model.remove(key)).includes(true);
    const removed = subject.remove(...labelArguments(shape, values, form));
    if (removed !== expected) throw new Error(`remove() of ${JSON.stringify(texts).slice(0, 200)} returned ${removed}`);
  }

  /** The time on the clock on the wall: it goes on with each operation. */
  get nowSeconds(): number {
    return (1.7e12 + this.#clock.tick) / 1000;
  }

  #startScrape(index: number, isWhole: boolean): void {
    if (this.#running.length >= MOST_SCRAPES) return;
    const format = FUZZ_FORMATS[index]!;
    const exporter = this.#exporters[Number(format.hasCreatedLines)]!;
    this.#clock.isWatched = true;
    const bytes = isWhole ? exporter.render(format.accept) : bytesOf(exporter, format.accept);
    const scrape: Scrape = {
      format,
      contentType: exporter.contentType(format.accept),
      from: this.#gathering.from,
      result: undefined,
    };
    this.#running.push(scrape);
    bytes.then(
      (result) => (scrape.result = result),
      (error: Error) => (scrape.result = error),
    );
  }

  async #gather(): Promise<readonly Family[]> {
    const gathering = this.#gathering;
    if (gathering.count++ === 0) gathering.from = this.#clock.tick;
    try {
      return await this.#registry.gather();
    } finally {
      gathering.count--;
    }
  }

  /** Lets every scrape go on for a slice, and looks at those that are done. */
  async #turn(): Promise<void> {
    await turn();
    for (const scrape of this.#running.filter(({ result }) => result !== undefined)) {
      this.#running = this.#running.filter((other) => other !== scrape);
      this.#check(scrape);
    }
    if (this.#running.length > 0) return;
    this.#clock.isWatched = false;
    for (const model of this.#seen) {
      model.forget();
      if (!model.isRegistered.now && ![...this.#pairs.values()].some((pair) => pair.model === model))
        this.#seen.delete(model);
    }
  }

  #check({ result, format, contentType, from }: Scrape): void {
    if (!(result instanceof Uint8Array)) throw new Error(`a scrape of ${format.accept} failed`, { cause: result });
    this.scrapes++;
    const read = new Map(readScrape(result, format, contentType).map((family) => [family.name, family]));
    for (const model of this.#seen) {
      const shape = { ...model.shape, name: PREFIX + model.shape.name };
      const { name, type, help, unit } = expectedFamily(shape, format);
      const family = read.get(name);
      read.delete(name);
      if (family !== undefined && (family.type !== type || family.help !== help || family.unit !== unit)) {
        throw new Error(`in ${format.accept}, ${name} is ${JSON.stringify({ ...family, series: undefined })}`);
      }
      this.#checkSeries(model, shape, family, format, from);
    }
    const overflowed = expectedFamily(OVERFLOWED_UPDATES, format);
    for (const { name } of read.values()) {
      if (name !== overflowed.name) throw new Error(`in ${format.accept}, ${name} is a family of no metric`);
    }
  }

  /** `shape` is as the registry exposes it. */
  #checkSeries(
    model: ModelMetric,
    shape: Shape,
    family: ReadFamily | undefined,
    format: FuzzFormat,
    from: number,
  ): void {
    const to = this.#clock.tick;
    const times = {
      createdSeconds: model.createdSeconds.between(from, to),
      hasExemplars: model.hasExemplars.between(from, to),
    };
    const registered = model.isRegistered.between(from, to);
    const left = new Map(family?.series);
    const refuse = (what: string, key: string): never => {
      throw new Error(`in ${format.accept}, ${shape.kind} ${shape.name} ${what}: ${key.slice(0, 300)}`);
    };
    for (const { labelValues, state, keys } of model.series.values()) {
      const key = (keys[format.escaping] ??= expectedLabels(shape, labelValues, CONSTANT_LABELS, format.escaping));
      const states = state.between(from, to);
      const points = left.get(key);
      left.delete(key);
      if (points === undefined) {
        if (!registered.includes(false) && !states.includes(undefined)) refuse('lacks a series', key);
        continue;
      }
      this.series++;
      if (states.length > 1) this.changing++;
      if (!registered.includes(true)) refuse('is not registered, but has a series', key);
      if (isOfSeries(points, { states, ...times }, shape, format)) continue;
      const expected = states.map((one) =>
        one === undefined ? 'none' : expectedPoints(one, times.createdSeconds.at(-1)!, shape, format).join(' '),
      );
      refuse(`has ${points.join(' ')}, expected one of ${expected.slice(-5).join(' or ')}`, key);
    }
    for (const key of left.keys()) refuse('has a series that was not there', key);
  }
}

async function bytesOf(exporter: PrometheusExporter, accept: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exporter.chunks(accept)) {
    chunks.push(chunk.slice());
    exporter.release(chunk);
  }
  return Buffer.concat(chunks);
}
