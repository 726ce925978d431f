import type { HistogramFamily, HistogramSeries, SummaryFamily, SummarySeries } from '../../model/family.ts';
import { allocate, withRoomFor } from '../memory.ts';
import {
  copyText,
  type FamilyLines,
  type LineOptions,
  type LineStyle,
  SPARE_BYTES,
  SUM_AND_COUNT,
  TextPiece,
} from './family-lines.ts';
import { LabelList, lineFrame, maxExemplarBytes, writeExemplar } from './labels.ts';
import { canonicalNumberText, MAX_NUMBER_LENGTH, numberText, writeNumber } from './number-text.ts';

/** How many lines are written in one step, unless a single series has more. */
const LINES_PER_STEP = 128;

const NEWLINE = 10;
const COMMA = 44;

/** The text around the labels of a sample's line. */
interface Frame {
  readonly open: TextPiece;
  readonly close: TextPiece;
}

/** The parts written beside the points of a series. */
interface Totals {
  readonly sum: Frame;
  readonly count: Frame;
  /** With time and line feed in the text behind the labels. */
  readonly created: Frame | undefined;
}

/**
 * Writes the lines of a family whose series have several lines each: points with a label of their own, `le` or `quantile`,
 * then sum, count and, where the format has it, `_created`.
 *
 * Neither lines nor label lists are cached: a histogram has many lines per series, so their memory would outweigh the
 * time that a cache saves.
 */
abstract class DistributionLines<S extends HistogramSeries | SummarySeries> implements FamilyLines {
  readonly series: readonly S[];
  readonly seriesPerStep: number;
  readonly #labels: LabelList;
  readonly #pointOpen: TextPiece;
  /** For each point, from its label to the value: `le="1.0"} `. */
  readonly #pointEnds: readonly TextPiece[];
  /** Where the label of a point comes before the others: `name{le="1",`. */
  readonly #pointFrames: readonly Frame[] | undefined;
  protected readonly totals: Totals;
  readonly #linesPerSeries: number;
  /** The most bytes that the lines of a series take without labels and exemplars. */
  readonly #bytesWithoutLabels: number;

  /** `pointName` is the sample name of the points, `pointLabels` are their labels. See `LabelList` for `hasConstantsFirst`. */
  protected constructor(
    family: (HistogramFamily | SummaryFamily) & { readonly series: readonly S[] },
    { sampleName, names, totalSuffixes = SUM_AND_COUNT, createdName, hasPointsFirst = false }: LineStyle,
    createdSeconds: number | undefined,
    {
      pointName,
      pointLabels,
      hasConstantsFirst = false,
    }: { readonly pointName: string; readonly pointLabels: readonly string[]; readonly hasConstantsFirst?: boolean },
  ) {
    this.series = family.series;
    this.#labels = new LabelList(family, names, hasConstantsFirst);
    const pointOpen = lineFrame(pointName, true).open;
    this.#pointOpen = new TextPiece(pointOpen);
    this.#pointEnds = pointLabels.map((label) => new TextPiece(`${label}} `));
    if (hasPointsFirst) {
      const comma = this.#labels.isEmpty ? '' : ',';
      const close = new TextPiece('} ');
      this.#pointFrames = pointLabels.map((label) => ({ open: new TextPiece(`${pointOpen}${label}${comma}`), close }));
    }
    const frame = (name: string, end = ''): Frame => {
      const { open, close } = lineFrame(name, !this.#labels.isEmpty);
      return { open: new TextPiece(open), close: new TextPiece(close + end) };
    };
    const hasCreated = createdName !== undefined && createdSeconds !== undefined;
    this.totals = {
      sum: frame(sampleName + totalSuffixes[0]),
      count: frame(sampleName + totalSuffixes[1]),
      created: hasCreated ? frame(createdName, `${numberText(createdSeconds)}\n`) : undefined,
    };
    this.#linesPerSeries = pointLabels.length + 3;
    this.seriesPerStep = Math.max(1, Math.floor(LINES_PER_STEP / this.#linesPerSeries));
    const heads = [this.totals.sum, this.totals.count, this.totals.created].map((one) =>
      one === undefined ? 0 : one.open.length + one.close.length,
    );
    const points = this.#pointEnds.map(({ length }) => this.#pointOpen.length + 1 + length);
    const numbers = this.#linesPerSeries * (MAX_NUMBER_LENGTH + 1);
    this.#bytesWithoutLabels = [...heads, ...points].reduce((sum, bytes) => sum + bytes, numbers + SPARE_BYTES);
  }

  linesOf(first: number, end: number): Uint8Array {
    let at = 0;
    for (let i = first; i < end; i++) {
      const series = this.series[i]!;
      const labelBytes = this.#composeHead(series.labelValues);
      const most = this.#bytesWithoutLabels + this.#linesPerSeries * labelBytes + this.maxExemplarBytes(series);
      scratch = withRoomFor(scratch, at + most, at);
      at = this.writeSeries(series, at);
      const { created } = this.totals;
      if (created !== undefined) at = writeAroundLabels(created, at);
    }
    return scratch.bytes.subarray(0, at);
  }

  protected abstract maxExemplarBytes(series: S): number;

  /** Writes all lines but that of `_created` at `at` in the scratch memory; returns the position behind them. */
  protected abstract writeSeries(series: S, at: number): number;

  /** Writes the line of a point up to its value, at `at` in the scratch memory; returns the position behind it. */
  protected writePoint(point: number, at: number): number {
    const frame = this.#pointFrames?.[point];
    if (frame !== undefined) return writeAroundLabels(frame, at);
    const { view } = scratch;
    return this.#pointEnds[point]!.write(view, copyText(view, at, head.view, 0, headEnd));
  }

  /** Composes the text of a point's line up to its own label. Returns how many bytes the labels of the series take. */
  #composeHead(labelValues: readonly string[]): number {
    head = withRoomFor(head, this.#pointOpen.length + this.#labels.maxBytes(labelValues) + 1, 0);
    labelStart = this.#pointOpen.write(head.view, 0);
    headEnd = labelEnd = this.#labels.write(labelValues, head, labelStart);
    if (labelEnd > labelStart) head.bytes[headEnd++] = COMMA;
    return labelEnd - labelStart;
  }
}

/** Writes a histogram family: for each series its cumulative buckets with their exemplars, sum and count. */
export class HistogramLines extends DistributionLines<HistogramSeries> {
  readonly #hasExemplars: boolean;
  readonly #hasTotals: (sum: number) => boolean;

  constructor(family: HistogramFamily, style: LineStyle, { hasExemplars, createdSeconds }: LineOptions) {
    const pointLabels = [...family.upperBounds, Infinity].map((bound) => `le="${pointText(style, bound)}"`);
    const pointName = `${style.sampleName}_bucket`;
    // In prom-client the labels of a bucket are its bound, then the constant ones, then those of the series.
    super(family, style, createdSeconds, { pointName, pointLabels, hasConstantsFirst: style.hasPointsFirst === true });
    this.#hasExemplars = hasExemplars;
    this.#hasTotals = style.isOpenMetrics === true ? totalsRule(family) : () => true;
  }

  protected override maxExemplarBytes(series: HistogramSeries): number {
    const exemplars = this.#hasExemplars ? series.exemplars : undefined;
    if (exemplars === undefined) return 0;
    let most = 0;
    for (const exemplar of exemplars) most += maxExemplarBytes(exemplar);
    return most;
  }

  protected override writeSeries(series: HistogramSeries, start: number): number {
    const { bucketCounts, sum } = series;
    const exemplars = this.#hasExemplars ? series.exemplars : undefined;
    const { bytes } = scratch;
    let at = start;
    let count = 0;
    for (let bucket = 0; bucket < bucketCounts.length; bucket++) {
      at = this.writePoint(bucket, at);
      count += bucketCounts[bucket]!;
      at = writeNumber(bytes, at, count);
      if (exemplars !== undefined) at = writeExemplar(bytes, at, exemplars[bucket]);
      bytes[at++] = NEWLINE;
    }
    if (!this.#hasTotals(sum)) return at;
    at = writeSample(this.totals.sum, sum, at);
    return writeSample(this.totals.count, count, at);
  }
}

/**
 * Returns whether OpenMetrics allows a series of this sum to have it, and with it a count. Observations below 0 make a sum
 * that falls, which a counter must not: a histogram with a negative bound must have no sum, and one whose sum is negative
 * all the same has none here (OpenMetrics 1.0, "Histogram" and "GaugeHistogram"). The last bucket has the count too.
 */
function totalsRule({ type, upperBounds }: HistogramFamily): (sum: number) => boolean {
  const hasNegativeBound = upperBounds.length > 0 && upperBounds[0]! < 0;
  if (type === 'histogram') return (sum) => sum >= 0 && !hasNegativeBound;
  return (sum) => sum >= 0 || (sum < 0 && hasNegativeBound);
}

/** Writes a summary family: for each series its quantiles, sum and count. */
export class SummaryLines extends DistributionLines<SummarySeries> {
  readonly #isOpenMetrics: boolean;

  constructor(family: SummaryFamily, style: LineStyle, { createdSeconds }: LineOptions) {
    const pointLabels = family.quantiles.map((quantile) => `quantile="${pointText(style, quantile)}"`);
    super(family, style, createdSeconds, { pointName: style.sampleName, pointLabels });
    this.#isOpenMetrics = style.isOpenMetrics === true;
  }

  protected override maxExemplarBytes(): number {
    return 0;
  }

  protected override writeSeries({ quantileValues, sum, count }: SummarySeries, start: number): number {
    const { bytes } = scratch;
    let at = start;
    for (let i = 0; i < quantileValues.length; i++) {
      const value = quantileValues[i]!;
      // OpenMetrics 1.0, "Summary": neither quantiles nor a sum may be negative.
      if (this.#isOpenMetrics && value < 0) continue;
      at = this.writePoint(i, at);
      at = writeNumber(bytes, at, value);
      bytes[at++] = NEWLINE;
    }
    if (!this.#isOpenMetrics || sum >= 0) at = writeSample(this.totals.sum, sum, at);
    return writeSample(this.totals.count, count, at);
  }
}

function pointText({ hasPointsFirst, isOpenMetrics }: LineStyle, value: number): string {
  return hasPointsFirst === true && isOpenMetrics !== true ? numberText(value) : canonicalNumberText(value);
}

/** Writes a line with the labels of the current series. */
function writeSample(frame: Frame, value: number, start: number): number {
  const at = writeNumber(scratch.bytes, writeAroundLabels(frame, start), value);
  scratch.bytes[at] = NEWLINE;
  return at + 1;
}

function writeAroundLabels({ open, close }: Frame, start: number): number {
  const at = open.write(scratch.view, start);
  return close.write(scratch.view, copyText(scratch.view, at, head.view, labelStart, labelEnd - labelStart));
}

// Written and read in one step: the lines, and the head of a point's line with the labels of the current series in it.
let scratch = allocate(2048);
let head = allocate(256);
let headEnd = 0;
let labelStart = 0;
let labelEnd = 0;
