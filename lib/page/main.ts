import type { SortOrder } from './rows/choices.ts';
import { attemptScrape } from './scrape/attempt-scrape.ts';
import type { Pace } from './scrape/read-scrape.ts';
import { PollLoop } from './state/poll-loop.ts';
import { askHealth } from './view/ask-health.ts';
import { addFormatButtons } from './view/format-buttons.ts';
import { LivePage } from './view/live-page.ts';
import { storedChoice } from './view/stored-choice.ts';

/** A server that has not answered by then counts as gone. */
const TIMEOUT_MILLISECONDS = 10_000;

const pace: Pace = {
  nextTurn: () => new Promise((resolve) => void setTimeout(resolve)),
  now: () => performance.now(),
};

const page = new LivePage();
const loop = new PollLoop(async (stopped) => {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
  // Each is shown when it comes: a check may take its time.
  const show = async <T>(answer: Promise<T>, take: (answer: T) => void): Promise<void> => {
    const answered = await answer;
    if (!stopped.aborted) take(answered);
  };
  await Promise.all([
    show(attemptScrape(urlOf('metrics'), pace, signal), (attempt) => page.takeAttempt(attempt)),
    show(askHealth(urlOf('health'), signal), (health) => page.takeHealth(health)),
    show(askHealth(urlOf('ready'), signal), (readiness) => page.takeReadiness(readiness)),
  ]);
}, 5);

addFormatButtons(byId('formats'), urlOf('metrics'));
byId<HTMLElement>('host').textContent = location.host;
storedChoice(byId('theme'), (theme) => {
  document.documentElement.dataset['theme'] = theme;
  page.redraw();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.redraw());
storedChoice(byId('interval'), (seconds) => {
  loop.setIntervalSeconds(Number(seconds));
  page.setIntervalSeconds(Number(seconds));
});
byId<HTMLInputElement>('search').addEventListener('input', ({ target }) => {
  page.setQuery((target as HTMLInputElement).value);
});
byId<HTMLSelectElement>('sort').addEventListener('change', ({ target }) => {
  page.setSortOrder((target as HTMLSelectElement).value as SortOrder);
});
byId<HTMLButtonElement>('fold').addEventListener('click', ({ currentTarget }) => {
  const button = currentTarget as HTMLButtonElement;
  const isCollapsed = button.textContent === 'Collapse all';
  page.setAllCollapsed(isCollapsed);
  button.textContent = isCollapsed ? 'Expand all' : 'Collapse all';
});
byId<HTMLButtonElement>('pause').addEventListener('click', ({ currentTarget }) => {
  const isPaused = !loop.isPaused;
  loop.setPaused(isPaused);
  page.setPaused(isPaused);
  (currentTarget as HTMLButtonElement).textContent = isPaused ? 'Resume' : 'Pause';
});
document.addEventListener('visibilitychange', () => loop.setHidden(document.hidden));
loop.setHidden(document.hidden);

// Not a relative URL: where the page was opened with a password in its address, fetch() refuses those.
function urlOf(path: string): string {
  return new URL(path, location.origin + location.pathname).href;
}

function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
