import type { Figure } from '../case.ts';
import type { Reading } from '../reading.ts';
import { formatFigure, formatNumber, formatSpread, formatTarget } from './format.ts';

/** One figure of ours beside those of the peers. A library whose process failed has no reading. */
export interface Comparison {
  readonly figure: Figure;
  readonly ours: Reading | undefined;
  readonly peers: readonly PeerReading[];
}

/** The reading of one peer; none where the case is not for peers or its process failed. */
export interface PeerReading {
  readonly library: string;
  readonly reading: Reading | undefined;
}

/** Returns the smallest figure of the peers. */
export function bestPeer({ peers }: Comparison): number | undefined {
  const medians = peers.flatMap(({ reading }) => (reading === undefined ? [] : [reading.median]));
  return medians.length === 0 ? undefined : Math.min(...medians);
}

/** Says whether a figure reaches all that is wanted of it; a process that failed reaches nothing. */
export function isReached(comparison: Comparison): boolean {
  const { figure, ours } = comparison;
  if (ours === undefined) return false;
  const { timesFaster, shareOfBest, timesFloor, atMost } = figure.target;
  const best = bestPeer(comparison) ?? Infinity;
  return (
    (timesFaster === undefined || best / ours.median >= timesFaster) &&
    (shareOfBest === undefined || ours.median / best <= shareOfBest) &&
    (timesFloor === undefined || (ours.timesFloor ?? Infinity) <= timesFloor) &&
    (atMost === undefined || ours.median <= atMost)
  );
}

/** Returns the rows of the table of comparisons, its head first. */
export function comparisonRows(comparisons: readonly Comparison[]): string[][] {
  const libraries = comparisons.find(({ peers }) => peers.length > 0)?.peers.map(({ library }) => library) ?? [];
  const head = ['case', 'ours', 'spread', 'times floor', ...libraries, 'against the best peer', 'wanted', 'reached'];
  return [head, ...comparisons.map((comparison) => rowOf(comparison, libraries))];
}

function rowOf(comparison: Comparison, libraries: readonly string[]): string[] {
  const { figure, ours, peers } = comparison;
  const cells = libraries.map((library) => {
    if (peers.length === 0) return '';
    const reading = peers.find((peer) => peer.library === library)?.reading;
    return reading === undefined ? 'failed' : formatFigure(reading.median, figure.unit);
  });
  return [
    figure.name,
    ours === undefined ? 'failed' : formatFigure(ours.median, figure.unit),
    ours === undefined ? '' : formatSpread(ours.spread),
    ours?.timesFloor === undefined ? '' : formatNumber(ours.timesFloor),
    ...cells,
    againstBest(comparison),
    formatTarget(figure.target, figure.unit),
    Object.keys(figure.target).length === 0 ? '' : isReached(comparison) ? 'yes' : 'no',
  ];
}

function againstBest(comparison: Comparison): string {
  const { figure, ours } = comparison;
  const best = bestPeer(comparison);
  if (ours === undefined || best === undefined || ours.median <= 0) return '';
  if (figure.unit === 'B' || figure.unit === 'KB' || figure.unit === 'MB')
    return `${formatNumber(ours.median / best)} of it`;
  return ours.median <= best
    ? `${formatNumber(best / ours.median)}x faster`
    : `${formatNumber(ours.median / best)}x slower`;
}
