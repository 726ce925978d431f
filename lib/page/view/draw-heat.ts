import type { HeatStrip } from '../chart/heat-cells.ts';
import { clearedSurface } from './surface.ts';

/**
 * Draws a heat strip: low buckets at the bottom, one colour, denser where there was more. Colour-blind eyes and grey
 * prints see the same order.
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
    // Edges on whole pixels, the same for neighbours: no seam shines through, and nothing is tinted twice.
    const x = Math.round(left * width);
    const y = Math.round((1 - top) * height);
    context.fillRect(x, y, Math.round(right * width) - x, Math.round((1 - bottom) * height) - y);
  }
}
