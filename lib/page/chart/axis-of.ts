import { HELD_SCRAPES, type ScrapeClock } from '../history/scrape-clock.ts';
import type { TimeAxis } from './time-axis.ts';

/** A page that was just opened shows so many scrapes at its full width, not a dot at the edge. */
const LEAST_SCRAPES = 12;

/** Returns the axis of all remembered scrapes, as far as they came every `intervalSeconds`. */
export function axisOf(clock: ScrapeClock, intervalSeconds: number): TimeAxis {
  const { oldest, count } = clock;
  const times = Array.from({ length: count - oldest }, (_, i) => clock.timeOf(oldest + i));
  const held = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const least = LEAST_SCRAPES * intervalSeconds;
  const most = (HELD_SCRAPES - 1) * intervalSeconds;
  return { times, spanSeconds: Math.min(Math.max(held, least), most), gapSeconds: 3 * intervalSeconds };
}
