/** A canvas to draw on, in CSS pixels. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** The colour that everything is drawn in. */
  readonly accent: string;
}

/** Clears a canvas at the resolution of the screen; undefined while it is not laid out, or cannot be drawn on. */
export function clearedSurface(canvas: HTMLCanvasElement): Surface | undefined {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (width === 0 || height === 0 || context === null) return undefined;
  const scale = devicePixelRatio;
  // Setting the size clears.
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  return { context, width, height, accent: getComputedStyle(canvas).color };
}
