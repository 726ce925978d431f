import type { Point } from '../chart/line-segments.ts';
import { clearedSurface } from './surface.ts';

/** A line of a chart. */
export interface Line {
  readonly segments: readonly (readonly Point[])[];
  /** 1 is full; what stands behind something else has less. */
  readonly opacity: number;
  /** Whether the area below is tinted. */
  readonly isFilled: boolean;
}

// So that a line at the edge is not cut in half.
const MARGIN = 2;

/** Draws lines over one another, the last one on top. */
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
