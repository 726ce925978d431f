import { until } from '../support/until.ts';
import type { Tab } from './driver.ts';

/** The row of one series. */
export interface ShownSeries {
  /** As the exposition writes it. */
  readonly title: string;
  /** Texts by label: `total`, `rate`, `p50`; a gauge's value has the label `''`. */
  readonly numbers: Readonly<Record<string, string>>;
}

// Evaluated in the page.
const SERIES = `[...document.querySelectorAll('.series')].map((row) => ({
  title: row.querySelector('.name button').title.split('\\n')[0],
  numbers: Object.fromEntries([...row.querySelectorAll('.number')].map((cell) => [
    cell.querySelector('i')?.textContent ?? '',
    cell.querySelector('b').textContent.replaceAll('\\u00a0', ' '),
  ])),
}))`;

/** The series rows in the document. */
export function shownSeries(tab: Tab): Promise<ShownSeries[]> {
  return tab.evaluate<ShownSeries[]>(SERIES);
}

/** The numbers of one series, as soon as `isThere` accepts them. */
export function numbersOnceThere(
  tab: Tab,
  title: string,
  isThere: (numbers: ShownSeries['numbers']) => boolean,
): Promise<ShownSeries['numbers']> {
  return until(`${title} with the expected numbers`, async () => {
    const numbers = (await shownSeries(tab)).find((shown) => shown.title === title)?.numbers;
    return numbers !== undefined && isThere(numbers) ? numbers : undefined;
  });
}

/** Resolves when the word at the top of the page is `state`. */
export function untilState(tab: Tab, state: string): Promise<true> {
  return until(`the state ${state}`, async () => {
    return (await tab.evaluate<string>("document.getElementById('state').textContent")) === state || undefined;
  });
}
