import { axisOf } from '../chart/axis-of.ts';
import { heatCells } from '../chart/heat-cells.ts';
import { lineSegments } from '../chart/line-segments.ts';
import { rangeOf } from '../chart/range-of.ts';
import type { HistogramSeries } from '../history/histogram-series.ts';
import type { NumberSeries } from '../history/number-series.ts';
import type { DetailRow, Row } from '../rows/row.ts';
import { WINDOW_SECONDS } from '../rows/window-seconds.ts';
import { formatSpan } from '../text/format-span.ts';
import { formatValue } from '../text/format-value.ts';
import { promqlOf } from '../text/promql-of.ts';
import { type Unit, unitOf } from '../text/unit-of.ts';
import { drawHeat } from './draw-heat.ts';
import { drawLines } from './draw-lines.ts';
import { drawSeries } from './draw-series.ts';
import { element } from './element.ts';
import type { RowContext, RowView } from './row-view.ts';
import { setText } from './set-text.ts';

/** A chart with the greatest value above, and the least below, at its left. */
interface Chart {
  readonly canvas: HTMLCanvasElement;
  readonly max: HTMLElement;
  readonly min: HTMLElement;
}

/** Shows a series at large: its last minutes with their scale, its exact numbers, and how to ask Prometheus for it. */
export class DetailView implements RowView {
  readonly element: HTMLElement;
  readonly #figure = element('figure', '');
  readonly #lines: Chart;
  /** Of a histogram only. */
  readonly #heat: Chart | undefined;
  readonly #span = element('span', '');
  readonly #facts = element('dl', '');
  #row: DetailRow;

  constructor(row: DetailRow) {
    this.#row = row;
    const { series } = row;
    this.#heat = series.kind === 'histogram' ? this.#addChart('heat') : undefined;
    this.#lines = this.#addChart('');
    const shown = { histogram: 'p50, p95, p99 below their buckets', counter: 'per second', gauge: 'value' }[
      series.kind
    ];
    this.#figure.append(element('figcaption', '', this.#span, element('span', '', shown), element('span', '', 'now')));
    this.#addFact('In Prometheus', element('code', '', promqlOf(series)));
    this.element = element('div', 'row detail', this.#figure, this.#facts);
  }

  update(row: Row): void {
    this.#row = row as DetailRow;
    const { series, family } = this.#row;
    if (series.kind !== 'histogram') {
      this.#setFact('As exposed', String(series.value));
      return;
    }
    const { bucketCounts, sum } = series.last;
    const recent = series.over(WINDOW_SECONDS);
    const mean = formatValue(recent.sum / recent.count, unitOf(series.name, family.unit));
    this.#setFact('Observations', String(bucketCounts.reduce((total, inBucket) => total + inBucket, 0)));
    this.#setFact('Sum', String(sum));
    this.#setFact('Mean of the last minute', recent.count > 0 ? mean : '–');
  }

  draw(context: RowContext): void {
    const { series, family } = this.#row;
    const unit = unitOf(series.name, family.unit);
    setText(this.#span, `${formatSpan(axisOf(context.history.clock, context.intervalSeconds).spanSeconds)} ago`);
    if (series.kind === 'histogram') this.#drawHistogram(series, unit, context);
    else this.#drawNumber(series, unit, context);
  }

  #drawNumber(series: NumberSeries, unit: Unit, context: RowContext): void {
    const range = drawSeries(this.#lines.canvas, series, context)!;
    const suffix = series.kind === 'counter' ? '/s' : '';
    setText(this.#lines.max, formatValue(range.max, unit) + suffix);
    setText(this.#lines.min, formatValue(range.min, unit) + suffix);
  }

  #drawHistogram(series: HistogramSeries, unit: Unit, { history, intervalSeconds }: RowContext): void {
    const axis = axisOf(history.clock, intervalSeconds);
    const steps = series.steps();
    const strip = heatCells(
      steps.map(({ bucketCounts }) => bucketCounts),
      axis,
    );
    const boundText = (bucket: number): string => formatValue(series.upperBounds[bucket] ?? Infinity, unit);
    drawHeat(this.#heat!.canvas, strip);
    setText(this.#heat!.max, strip.endBucket === 0 ? '' : `≤ ${boundText(strip.endBucket - 1)}`);
    setText(this.#heat!.min, strip.endBucket === 0 ? 'no observations' : `≤ ${boundText(strip.firstBucket)}`);

    const lines = [0.5, 0.95, 0.99].map((q) => steps.map((step) => series.quantile(q, step)));
    const range = rangeOf(lines.flat(), { fromZero: true });
    const drawn = lines.map((values, i) => ({
      segments: lineSegments(values, axis, range),
      opacity: [0.35, 0.65, 1][i]!,
      isFilled: false,
    }));
    drawLines(this.#lines.canvas, drawn);
    setText(this.#lines.max, formatValue(range.max, unit));
    setText(this.#lines.min, formatValue(range.min, unit));
  }

  #addChart(className: string): Chart {
    const canvas = element('canvas', className);
    canvas.setAttribute('aria-hidden', 'true');
    const max = element('span', '');
    const min = element('span', '');
    this.#figure.append(element('div', 'scale', max, min), canvas);
    return { canvas, max, min };
  }

  #addFact(term: string, ...description: readonly Node[]): HTMLElement {
    const described = element('dd', '', ...description);
    this.#facts.append(element('div', '', element('dt', '', term), described));
    described.dataset['term'] = term;
    return described;
  }

  #setFact(term: string, text: string): void {
    const known = [...this.#facts.querySelectorAll('dd')].find(({ dataset }) => dataset['term'] === term);
    setText(known ?? this.#addFact(term), text);
  }
}
