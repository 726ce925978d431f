import { PollLoop } from './poll/poll-loop.ts';
import { askHealth, attemptScrape, type Pace } from './poll/requests.ts';
import type { SortOrder } from './rows/rows.ts';
import { addFormatButtons } from './view/cards.ts';
import { byId, rememberChoice } from './view/element.ts';
import { LivePage } from './view/live-page.ts';

/** A server that takes longer counts as unreachable. */
const TIMEOUT_MILLISECONDS = 10_000;

const pace: Pace = {
  nextTurn: () => new Promise((resolve) => void setTimeout(resolve)),
  now: () => performance.now(),
};

const search = byId<HTMLInputElement>('search');
const page = new LivePage((query) => {
  search.value = query;
  page.setQuery(query);
  byId('metrics').scrollIntoView();
  search.focus({ preventScroll: true });
});
const loop = new PollLoop(async (stopped) => {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
  // Each response is shown when it arrives: a check may be slow.
  const show = async <T>(request: Promise<T>, take: (response: T) => void): Promise<void> => {
    const response = await request;
    if (!stopped.aborted) take(response);
  };
  await Promise.all([
    show(attemptScrape(urlOf('metrics'), pace, signal), (attempt) => page.takeAttempt(attempt)),
    show(askHealth(urlOf('health'), signal), (health) => page.takeHealth(health)),
    show(askHealth(urlOf('ready'), signal), (readiness) => page.takeReadiness(readiness)),
  ]);
}, 5);

addFormatButtons(byId('formats'), urlOf('metrics'));
byId<HTMLElement>('host').textContent = location.host;
rememberChoice(byId('theme'), (theme) => {
  document.documentElement.dataset['theme'] = theme;
  page.redraw();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.redraw());
rememberChoice(byId('interval'), (seconds) => {
  loop.setIntervalSeconds(Number(seconds));
  page.setIntervalSeconds(Number(seconds));
});
search.addEventListener('input', () => page.setQuery(search.value));
byId<HTMLSelectElement>('sort').addEventListener('change', ({ target }) => {
  page.setSortOrder((target as HTMLSelectElement).value as SortOrder);
});
byId('fold').addEventListener('click', () => page.toggleAll());
byId<HTMLButtonElement>('pause').addEventListener('click', ({ currentTarget }) => {
  const isPaused = !loop.isPaused;
  loop.setPaused(isPaused);
  page.setPaused(isPaused);
  (currentTarget as HTMLButtonElement).textContent = isPaused ? 'Resume' : 'Pause';
});
document.addEventListener('visibilitychange', () => loop.setHidden(document.hidden));
loop.setHidden(document.hidden);

// Absolute: if the page's address contains a password, fetch() refuses relative URLs.
function urlOf(path: string): string {
  return new URL(path, location.origin + location.pathname).href;
}
