import { axisOf, heatStrip, lineSegments, rangeOf } from '../chart.ts';
import { type HistogramSeries, type NumberSeries, WINDOW_SECONDS } from '../history/series.ts';
import type { DetailRow, Row } from '../rows/rows.ts';
import { formatSpan, formatValue, type Unit, unitOf } from '../text/format.ts';
import { promqlOf } from '../text/series-text.ts';
import { type ChartContext, drawHeat, drawLines, drawSeries } from './draw.ts';
import { element, setText } from './element.ts';

/** A chart with its greatest and least value to the left. */
interface Chart {
  readonly canvas: HTMLCanvasElement;
  readonly max: HTMLElement;
  readonly min: HTMLElement;
}

const CAPTIONS = { histogram: 'p50, p95, p99', counter: 'per second', gauge: 'value' };

/** The details of a series: large charts with a scale, exact numbers, and the PromQL query. */
export class DetailView {
  readonly element: HTMLElement;
  readonly #figure = element('figure', '');
  readonly #lines: Chart;
  /** Only for a histogram. */
  readonly #heat: Chart | undefined;
  readonly #span = element('span', '');
  readonly #facts = element('dl', '');
  #row: DetailRow;

  constructor(row: DetailRow) {
    this.#row = row;
    const { series } = row;
    this.#heat = series.kind === 'histogram' ? this.#addChart('heat') : undefined;
    this.#lines = this.#addChart('');
    const caption = element('span', '', CAPTIONS[series.kind]);
    this.#figure.append(element('figcaption', '', this.#span, caption, element('span', '', 'now')));
    this.#addFact('PromQL', element('code', '', promqlOf(series)));
    this.element = element('div', 'row detail', this.#figure, this.#facts);
  }

  update(row: Row): void {
    this.#row = row as DetailRow;
    const { series, family } = this.#row;
    if (series.kind !== 'histogram') {
      this.#setFact('Exact value', String(series.last));
      return;
    }
    const { count, sum } = series.last!;
    const recent = series.over(WINDOW_SECONDS);
    const mean = formatValue(recent.sum / recent.count, unitOf(series.name, family.unit));
    this.#setFact('Observations', String(count));
    this.#setFact('Sum', String(sum));
    this.#setFact('Mean, last minute', recent.count > 0 ? mean : '–');
  }

  draw(context: ChartContext): void {
    const { series, family } = this.#row;
    const unit = unitOf(series.name, family.unit);
    setText(this.#span, `${formatSpan(axisOf(context.history.clock, context.intervalSeconds).spanSeconds)} ago`);
    if (series.kind === 'histogram') this.#drawHistogram(series, unit, context);
    else this.#drawNumber(series, unit, context);
  }

  #drawNumber(series: NumberSeries, unit: Unit, context: ChartContext): void {
    const range = drawSeries(this.#lines.canvas, series, context)!;
    const suffix = series.kind === 'counter' ? '/s' : '';
    setText(this.#lines.max, formatValue(range.max, unit) + suffix);
    setText(this.#lines.min, formatValue(range.min, unit) + suffix);
  }

  #drawHistogram(series: HistogramSeries, unit: Unit, { history, intervalSeconds }: ChartContext): void {
    const axis = axisOf(history.clock, intervalSeconds);
    const steps = series.steps();
    const counts = steps.map(({ bucketCounts }) => bucketCounts);
    const strip = heatStrip(counts, axis);
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

  #addFact(term: string, ...children: readonly Node[]): HTMLElement {
    const description = element('dd', '', ...children);
    this.#facts.append(element('div', '', element('dt', '', term), description));
    description.dataset['term'] = term;
    return description;
  }

  #setFact(term: string, text: string): void {
    const existing = [...this.#facts.querySelectorAll('dd')].find(({ dataset }) => dataset['term'] === term);
    setText(existing ?? this.#addFact(term), text);
  }
}
