import type {
  Exemplar,
  Family,
  HistogramFamily,
  HistogramSeries,
  NativeHistogram,
  SummaryFamily,
  SummarySeries,
} from '../../model/family.ts';
import { allocate, type Memory, withRoomFor } from '../memory.ts';
import {
  type FamilyLines,
  type LineOptions,
  type LineStyle,
  SPARE_BYTES,
  startText,
  TextPiece,
} from '../text/family-lines.ts';
import { LabelList, lineFrame, maxExemplarBytes, writeExemplar } from '../text/labels.ts';
import { NumberLines } from '../text/number-lines.ts';
import { canonicalNumberText, MAX_NUMBER_LENGTH, writeNumber } from '../text/number-text.ts';
import { maxNativeBytes, writeNativeFields } from './native-fields.ts';

/** How many points are written in one step, unless a single series has more. Native buckets are not counted. */
const POINTS_PER_STEP = 256;

/** Count, sum and the start time take about as long as so many points. */
const OTHER_POINTS = 4;

/** Returns what writes the lines of a family in OpenMetrics 2.0. */
export function newCompositeLines(family: Family, style: LineStyle, options: LineOptions): FamilyLines {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return new HistogramValues(family, style, options);
    case 'summary':
      return new SummaryValues(family, style, options);
    default:
      return new NumberLines(family, style, options);
  }
}

/**
 * Writes the lines of a family of composite values: `name{label="value"} {count:2,sum:3,bucket:[1.0:1,+Inf:2]} st@1700000000`,
 * with any number of exemplars behind. Nothing is cached, as in `DistributionLines`.
 *
 * A series is read once, by {@link look}: its numbers may be shared with other threads, and the count comes before the
 * buckets that it must equal.
 */
abstract class CompositeLines<S extends HistogramSeries | SummarySeries> implements FamilyLines {
  readonly series: readonly S[];
  readonly seriesPerStep: number;
  readonly #labels: LabelList;
  readonly #open: TextPiece;
  readonly #close: TextPiece;
  readonly #start: TextPiece;
  /** For each point, up to its number: `0.5:`. */
  protected readonly points: readonly TextPiece[];
  /** The most bytes that a line takes without labels, native buckets and exemplars. */
  readonly #frameBytes: number;

  /** `open` is the text before the first number, `bounds` are those of the points. */
  protected constructor(
    family: (HistogramFamily | SummaryFamily) & { readonly series: readonly S[] },
    { sampleName, names }: LineStyle,
    createdSeconds: number | undefined,
    { open, bounds }: { readonly open: string; readonly bounds: readonly number[] },
  ) {
    this.series = family.series;
    this.#labels = new LabelList(family, names);
    const frame = lineFrame(sampleName, !this.#labels.isEmpty);
    this.#open = new TextPiece(frame.open);
    this.#close = new TextPiece(`${frame.close}{${open}`);
    this.#start = new TextPiece(startText(createdSeconds));
    this.points = bounds.map((bound) => new TextPiece(`${canonicalNumberText(bound)}:`));
    this.seriesPerStep = Math.max(1, Math.floor(POINTS_PER_STEP / (bounds.length + OTHER_POINTS)));
    const pointBytes = this.points.reduce((sum, { length }) => sum + 1 + length + MAX_NUMBER_LENGTH, 0);
    const pieces = this.#open.length + this.#close.length + this.#start.length;
    this.#frameBytes = pieces + pointBytes + OTHER_BYTES + SPARE_BYTES;
  }

  linesOf(first: number, end: number): Uint8Array {
    let at = 0;
    for (let i = first; i < end; i++) {
      const series = this.series[i]!;
      const { labelValues } = series;
      const most = this.#frameBytes + this.#labels.maxBytes(labelValues) + this.look(series);
      scratch = withRoomFor(scratch, at + most, at);
      const { view } = scratch;
      at = this.#labels.write(labelValues, scratch, this.#open.write(view, at));
      at = this.writeRest(scratch, this.#close.write(view, at));
      scratch.bytes[at++] = NEWLINE;
    }
    return scratch.bytes.subarray(0, at);
  }

  /** Reads the numbers of a series; returns how many bytes its native buckets and exemplars take at most. */
  protected abstract look(series: S): number;

  /** Writes what was read, from the count on to the last exemplar; returns the position behind it. */
  protected abstract writeRest(target: Memory, at: number): number;

  /** Writes the start time of the family; returns the position behind it. */
  protected writeStart(target: Memory, at: number): number {
    return this.#start.write(target.view, at);
  }
}

/** Writes a histogram family: native buckets, if there are any, and cumulative classic ones behind them. */
class HistogramValues extends CompositeLines<HistogramSeries> {
  readonly #hasExemplars: boolean;
  readonly #sumText: TextPiece;
  readonly #counts: Float64Array;
  #sum = 0;
  #native: NativeHistogram | undefined;
  #exemplars: readonly Exemplar[] = NO_EXEMPLARS;

  constructor(family: HistogramFamily, style: LineStyle, { hasExemplars, createdSeconds }: LineOptions) {
    const prefix = family.type === 'gaugehistogram' ? 'g' : '';
    const bounds = [...family.upperBounds, Infinity];
    super(family, style, createdSeconds, { open: `${prefix}count:`, bounds });
    this.#hasExemplars = hasExemplars;
    this.#sumText = new TextPiece(`,${prefix}sum:`);
    this.#counts = new Float64Array(bounds.length);
  }

  protected override look(series: HistogramSeries): number {
    const { bucketCounts, sum } = series;
    const counts = this.#counts;
    let count = 0;
    for (let i = 0; i < counts.length; i++) counts[i] = count += bucketCounts[i]!;
    this.#sum = sum;
    let { native } = series; // last: the next look at any series may overwrite it
    // An aggregate may have counts from fixed buckets of a worker that ended. Both forms must come to one count.
    if (native?.count !== count) native = undefined;
    this.#native = native;
    if (native !== undefined) this.#exemplars = timed(native.exemplars);
    else this.#exemplars = this.#hasExemplars ? timed(series.exemplars) : NO_EXEMPLARS;
    let most = native === undefined ? 0 : maxNativeBytes(native);
    for (const exemplar of this.#exemplars) most += maxExemplarBytes(exemplar);
    return most;
  }

  protected override writeRest(target: Memory, start: number): number {
    const { bytes, view } = target;
    const counts = this.#counts;
    const native = this.#native;
    let at = writeNumber(bytes, start, counts[counts.length - 1]!);
    at = writeNumber(bytes, this.#sumText.write(view, at), this.#sum);
    if (native !== undefined) at = writeNativeFields(native, target, at);
    at = BUCKET.write(view, at);
    for (let i = 0; i < counts.length; i++) {
      if (i > 0) bytes[at++] = COMMA;
      at = writeNumber(bytes, this.points[i]!.write(view, at), counts[i]!);
    }
    at = LIST_END.write(view, at);
    const createdSeconds = native?.createdSeconds;
    if (createdSeconds === undefined) at = this.writeStart(target, at);
    else at = writeNumber(bytes, START.write(view, at), createdSeconds);
    for (const exemplar of this.#exemplars) at = writeExemplar(bytes, at, exemplar);
    return at;
  }
}

/** Writes a summary family. */
class SummaryValues extends CompositeLines<SummarySeries> {
  readonly #values: Float64Array;
  #sum = 0;
  #count = 0;

  constructor(family: SummaryFamily, style: LineStyle, { createdSeconds }: LineOptions) {
    super(family, style, createdSeconds, { open: 'count:', bounds: family.quantiles });
    this.#values = new Float64Array(family.quantiles.length);
  }

  protected override look({ quantileValues, sum, count }: SummarySeries): number {
    const values = this.#values;
    for (let i = 0; i < values.length; i++) values[i] = quantileValues[i]!;
    this.#sum = sum;
    this.#count = count;
    return 0;
  }

  protected override writeRest(target: Memory, start: number): number {
    const { bytes, view } = target;
    const values = this.#values;
    let at = writeNumber(bytes, start, this.#count);
    at = writeNumber(bytes, SUM.write(view, at), this.#sum);
    at = QUANTILE.write(view, at);
    let isFirst = true;
    for (let i = 0; i < values.length; i++) {
      if (values[i]! < 0) continue; // must not be negative, while a sum must be there (OpenMetrics 2.0, "Summary")
      if (!isFirst) bytes[at++] = COMMA;
      isFirst = false;
      at = writeNumber(bytes, this.points[i]!.write(view, at), values[i]!);
    }
    return this.writeStart(target, LIST_END.write(view, at));
  }
}

/** Those with a time, which OpenMetrics 2.0 requires ("Exemplars"). */
function timed(exemplars: readonly (Exemplar | undefined)[] = NO_EXEMPLARS): readonly Exemplar[] {
  return exemplars.filter((exemplar) => exemplar?.timestampSeconds !== undefined) as readonly Exemplar[];
}

/** Count, sum, a start time of the series itself, and the names of fields. */
const OTHER_BYTES = 3 * MAX_NUMBER_LENGTH + 40;
const NO_EXEMPLARS: readonly Exemplar[] = [];
const NEWLINE = 10;
const COMMA = 44;
const SUM = new TextPiece(',sum:');
const BUCKET = new TextPiece(',bucket:[');
const QUANTILE = new TextPiece(',quantile:[');
const LIST_END = new TextPiece(']}');
const START = new TextPiece(' st@');

/** Where lines are composed. Written and read in one step. */
let scratch = allocate(2048);
