import { GROWTH_PANELS, GROWTH_SIZES, growthName, isOfGrowth } from '../cases/growth.ts';
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
    .filter(({ figure }) => !isOfGrowth(figure.name))
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

/**
 * Draws what grows with the number of series as lines, one panel for each figure, both axes on a log scale; an empty text
 * if nothing of it was measured.
 */
export function growthChartOf(comparisons: readonly Comparison[], caption: string): string {
  const panels = GROWTH_PANELS.map((panel) => ({ panel, lines: linesOf(comparisons, panel) }));
  const libraries = [...new Set(panels.flatMap(({ lines }) => [...lines.keys()]))];
  if (libraries.length === 0) return '';
  const body = panels.flatMap(({ panel, lines }, i) => panelOf(panel, lines, libraries, i * PANEL_STEP + PANEL_LEFT));
  const width = panels.length * PANEL_STEP + PANEL_LEFT;
  const height = TOP + PANEL_HEIGHT + 70;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" role="img">`,
    '<title>Cost of an update, of a line of a scrape and of a series, from 1,000 to 1,000,000 series</title>',
    rectangle(0, 0, width, height, '#ffffff'),
    ...legendOf(libraries),
    ...body,
    text(12, height - 10, caption, 'start', 9),
    '</svg>',
    '',
  ].join('\n');
}

const PANEL_LEFT = 60;
const PANEL_WIDTH = 220;
const PANEL_HEIGHT = 240;
const PANEL_STEP = PANEL_WIDTH + 80;

/** One point of a line. */
interface Point {
  readonly size: number;
  readonly value: number;
  readonly label: string;
}

function linesOf(
  comparisons: readonly Comparison[],
  panel: (typeof GROWTH_PANELS)[number],
): ReadonlyMap<string, readonly Point[]> {
  const lines = new Map<string, Point[]>();
  for (const { figure, ours, peers } of comparisons) {
    const size = GROWTH_SIZES.find((one) => growthName(panel, one) === figure.name);
    if (size === undefined) continue;
    for (const { library, reading } of [{ library: 'ours', reading: ours }, ...peers]) {
      if (reading === undefined) continue;
      const points = lines.get(library) ?? [];
      lines.set(library, [
        ...points,
        { size, value: reading.median, label: formatFigure(reading.median, figure.unit) },
      ]);
    }
  }
  return lines;
}

function panelOf(
  panel: string,
  lines: ReadonlyMap<string, readonly Point[]>,
  libraries: readonly string[],
  left: number,
): string[] {
  const values = [...lines.values()].flat().map(({ value }) => value);
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const decades = Math.ceil(Math.log10(Math.max(...values))) - lowest;
  const [first, last] = [Math.log10(GROWTH_SIZES[0]!), Math.log10(GROWTH_SIZES.at(-1)!)];
  const x = (size: number) => left + ((Math.log10(size) - first) / (last - first)) * PANEL_WIDTH;
  const y = (value: number) => TOP + (1 - (Math.log10(value) - lowest) / decades) * PANEL_HEIGHT;
  const grid = Array.from({ length: decades + 1 }, (_, decade) => {
    const value = 10 ** (lowest + decade);
    const line = `<line x1="${left}" y1="${y(value)}" x2="${left + PANEL_WIDTH}" y2="${y(value)}" stroke="#dddddd"/>`;
    return `${line}${text(left - 4, y(value) + 3, value.toLocaleString('en-US'), 'end', 9)}`;
  });
  const sizes = GROWTH_SIZES.map((size) =>
    text(x(size), TOP + PANEL_HEIGHT + 14, size.toLocaleString('en-US'), 'middle', 9),
  );
  const drawn = [...lines].flatMap(([library, points]) => {
    const colour = COLOURS[libraries.indexOf(library) % COLOURS.length]!;
    const path = points.map(({ size, value }) => `${x(size).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const end = points.at(-1)!;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      text(x(end.size) - 2, y(end.value) - 5, end.label, 'end', 9),
    ];
  });
  return [text(left, TOP - 12, panel, 'start'), ...grid, ...sizes, ...drawn];
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
