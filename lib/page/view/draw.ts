import { axisOf, type HeatStrip, heatStrip, lineSegments, type Point, rangeOf, type ValueRange } from '../chart.ts';
import type { History, SeriesHistory } from '../history/history.ts';

/** The data that charts are drawn from. */
export interface ChartContext {
  readonly history: History;
  /** Time between two scrapes, which scales the time axis. */
  readonly intervalSeconds: number;
}

/** A line of a chart. */
export interface Line {
  readonly segments: readonly (readonly Point[])[];
  /** 1 is opaque; lines in the background have less. */
  readonly opacity: number;
  /** Whether the area below the line is tinted. */
  readonly isFilled: boolean;
}

/** A cleared canvas; sizes are in CSS pixels. */
interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** The only colour of a chart. */
  readonly accent: string;
}

/** Keeps lines at the edge from being cut in half. */
const MARGIN = 2;

/** Draws the small chart of a series: a line, or a histogram's heat strip. Returns the value range of a line. */
export function drawSeries(
  canvas: HTMLCanvasElement,
  series: SeriesHistory,
  { history, intervalSeconds }: ChartContext,
): ValueRange | undefined {
  if (series.kind === 'histogram') {
    const counts = series.steps().map(({ bucketCounts }) => bucketCounts);
    drawHeat(canvas, heatStrip(counts, axisOf(history.clock, intervalSeconds)));
    return undefined;
  }
  const values = series.kind === 'counter' ? series.rates() : series.values();
  return drawTrend(canvas, values, { fromZero: series.kind === 'counter' }, { history, intervalSeconds });
}

/** Draws a line through a value for each scrape in the history. Returns its range. */
export function drawTrend(
  canvas: HTMLCanvasElement,
  values: readonly number[],
  options: { readonly fromZero: boolean },
  { history, intervalSeconds }: ChartContext,
): ValueRange {
  const range = rangeOf(values, options);
  const segments = lineSegments(values, axisOf(history.clock, intervalSeconds), range);
  drawLines(canvas, [{ segments, opacity: 1, isFilled: true }]);
  return range;
}

/** Draws lines on top of each other, the last one on top. */
export function drawLines(canvas: HTMLCanvasElement, lines: readonly Line[]): void {
  const surface = clearedSurface(canvas);
  if (surface === undefined) return;
  const { context, width, height, accent } = surface;
  const x = (point: Point): number => point.x * (width - 2 * MARGIN) + MARGIN;
  const y = (point: Point): number => height - MARGIN - point.y * (height - 2 * MARGIN);
  context.strokeStyle = accent;
  context.fillStyle = accent;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  for (const { segments, opacity, isFilled } of lines) {
    for (const points of segments) {
      const first = points[0]!;
      const last = points.at(-1)!;
      context.beginPath();
      for (const point of points) context.lineTo(x(point), y(point));
      context.globalAlpha = opacity;
      context.stroke();
      if (isFilled) {
        context.lineTo(x(last), height);
        context.lineTo(x(first), height);
        context.globalAlpha = opacity * 0.12;
        context.fill();
      }
    }
    const end = segments.at(-1)?.at(-1);
    if (end === undefined) continue;
    context.globalAlpha = opacity;
    context.beginPath();
    context.arc(x(end), y(end), 2, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * Draws a heat strip. It varies the opacity of one colour, so colour-blind readers and grey prints show the same order.
 */
export function drawHeat(canvas: HTMLCanvasElement, { cells }: HeatStrip): void {
  const surface = clearedSurface(canvas);
  if (surface === undefined) return;
  const { context, width, height, accent } = surface;
  context.fillStyle = accent;
  context.globalAlpha = 0.06;
  context.fillRect(0, 0, width, height);
  for (const { left, right, bottom, top, heat } of cells) {
    context.globalAlpha = 0.12 + 0.88 * heat;
    // Neighbours share edges on whole pixels: no gap shows between them, and no pixel is painted twice.
    const x = Math.round(left * width);
    const y = Math.round((1 - top) * height);
    context.fillRect(x, y, Math.round(right * width) - x, Math.round((1 - bottom) * height) - y);
  }
}

/** Undefined while the canvas has no layout or no context. */
function clearedSurface(canvas: HTMLCanvasElement): Surface | undefined {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (width === 0 || height === 0 || context === null) return undefined;
  const scale = devicePixelRatio;
  // Setting the size clears the canvas.
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  return { context, width, height, accent: getComputedStyle(canvas).color };
}
