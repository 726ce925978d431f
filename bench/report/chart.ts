import type { Comparison } from './comparison.ts';
import { formatFigure } from './format.ts';

const LABEL_WIDTH = 330;
const PLOT_WIDTH = 560;
const VALUE_WIDTH = 90;
const BAR_HEIGHT = 11;
const GROUP_GAP = 12;
const TOP = 64;
const BOTTOM = 40;

/** Ours first; colours that people who cannot tell red from green can tell apart (Okabe and Ito). */
const COLOURS = ['#0072b2', '#e69f00', '#999999', '#cc79a7'];

/** One bar: a library's time in nanoseconds. */
interface Bar {
  readonly library: string;
  readonly nanoseconds: number;
  readonly label: string;
}

/** Draws the times of ours and the peers as bars on a log scale; figures that are not times are left to the table. */
export function chartOf(comparisons: readonly Comparison[], caption: string): string {
  const groups = comparisons
    .filter(({ figure, peers }) => (figure.unit === 'ns' || figure.unit === 'ms') && peers.length > 0)
    .map((comparison) => ({ name: comparison.figure.name, bars: barsOf(comparison) }));
  const times = groups.flatMap(({ bars }) => bars.map(({ nanoseconds }) => nanoseconds));
  const decades = Math.ceil(Math.log10(Math.max(10, ...times)));
  const libraries = [...new Set(groups.flatMap(({ bars }) => bars.map(({ library }) => library)))];
  const body: string[] = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    body.push(text(LABEL_WIDTH - 8, y + (bars.length * BAR_HEIGHT) / 2 + 4, name, 'end'));
    for (const bar of bars) {
      // Bars start at 1 ns; less than that, which no library reaches, would have no length.
      const width = Math.max(1, (Math.log10(Math.max(1, bar.nanoseconds)) / decades) * PLOT_WIDTH);
      const colour = COLOURS[libraries.indexOf(bar.library) % COLOURS.length]!;
      body.push(rectangle(LABEL_WIDTH, y, width, BAR_HEIGHT - 1, colour));
      body.push(text(LABEL_WIDTH + width + 4, y + BAR_HEIGHT - 2, bar.label, 'start', 9));
      y += BAR_HEIGHT;
    }
    y += GROUP_GAP;
  }
  const height = y + BOTTOM;
  const width = LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" role="img">`,
    '<title>Time of each case with ours and with each peer, on a log scale</title>',
    rectangle(0, 0, width, height, '#ffffff'),
    ...legendOf(libraries),
    ...gridOf(decades, y),
    ...body,
    text(12, height - 10, caption, 'start', 9),
    '</svg>',
    '',
  ].join('\n');
}

function barsOf({ figure, ours, peers }: Comparison): Bar[] {
  const scale = figure.unit === 'ms' ? 1e6 : 1;
  return [{ library: 'ours', reading: ours }, ...peers].flatMap(({ library, reading }) =>
    reading === undefined
      ? []
      : [{ library, nanoseconds: reading.median * scale, label: formatFigure(reading.median, figure.unit) }],
  );
}

function legendOf(libraries: readonly string[]): string[] {
  return libraries.flatMap((library, i) => [
    rectangle(12 + i * 190, 14, 11, 11, COLOURS[i % COLOURS.length]!),
    text(28 + i * 190, 24, library, 'start'),
  ]);
}

function gridOf(decades: number, bottom: number): string[] {
  return Array.from({ length: decades + 1 }, (_, decade) => {
    const x = LABEL_WIDTH + (decade / decades) * PLOT_WIDTH;
    const line = `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${bottom}" stroke="#dddddd"/>`;
    return `${line}${text(x, TOP - 14, decadeName(decade), 'middle', 9)}`;
  });
}

function decadeName(decade: number): string {
  const unit = ['ns', 'µs', 'ms', 's'][Math.floor(decade / 3)] ?? 's';
  return `${10 ** (decade - 3 * Math.min(3, Math.floor(decade / 3)))} ${unit}`;
}

function rectangle(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', size = 11): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"`;
  return `<text ${place} font-size="${size}" fill="#222222">${escaped}</text>`;
}
