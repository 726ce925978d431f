import { axisOf } from '../chart/axis-of.ts';
import { heatCells } from '../chart/heat-cells.ts';
import { lineSegments } from '../chart/line-segments.ts';
import { rangeOf, type ValueRange } from '../chart/range-of.ts';
import type { SeriesHistory } from '../history/history.ts';
import { drawHeat } from './draw-heat.ts';
import { drawLines } from './draw-lines.ts';
import type { RowContext } from './row-view.ts';

/** Draws the last minutes of a series small: a line, or of a histogram its heat strip. Returns the range of a line. */
export function drawSeries(
  canvas: HTMLCanvasElement,
  series: SeriesHistory,
  { history, intervalSeconds }: RowContext,
): ValueRange | undefined {
  const axis = axisOf(history.clock, intervalSeconds);
  if (series.kind === 'histogram') {
    drawHeat(
      canvas,
      heatCells(
        series.steps().map(({ bucketCounts }) => bucketCounts),
        axis,
      ),
    );
    return undefined;
  }
  const values = series.kind === 'counter' ? series.rates() : series.values();
  const range = rangeOf(values, { fromZero: series.kind === 'counter' });
  drawLines(canvas, [{ segments: lineSegments(values, axis, range), opacity: 1, isFilled: true }]);
  return range;
}
