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
// Separate loops: while the event loop of the program is blocked, checks time out, and the metrics of a metrics thread say why.
const loops = [
  loopOf(
    (signal) => attemptScrape(urlOf('metrics'), pace, signal),
    (attempt) => page.takeAttempt(attempt),
  ),
  loopOf(
    (signal) => askHealth(urlOf('health'), signal),
    (health) => page.takeHealth(health),
  ),
  loopOf(
    (signal) => askHealth(urlOf('ready'), signal),
    (readiness) => page.takeReadiness(readiness),
  ),
];

addFormatButtons(byId('formats'), urlOf('metrics'));
byId<HTMLElement>('host').textContent = location.host;
rememberChoice(byId('theme'), (theme) => {
  document.documentElement.dataset['theme'] = theme;
  page.redraw();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.redraw());
rememberChoice(byId('interval'), (seconds) => {
  for (const loop of loops) loop.setIntervalSeconds(Number(seconds));
  page.setIntervalSeconds(Number(seconds));
});
search.addEventListener('input', () => page.setQuery(search.value));
byId<HTMLSelectElement>('sort').addEventListener('change', ({ target }) => {
  page.setSortOrder((target as HTMLSelectElement).value as SortOrder);
});
byId('fold').addEventListener('click', () => page.toggleAll());
byId<HTMLButtonElement>('pause').addEventListener('click', ({ currentTarget }) => {
  const isPaused = !loops[0]!.isPaused;
  for (const loop of loops) loop.setPaused(isPaused);
  page.setPaused(isPaused);
  (currentTarget as HTMLButtonElement).textContent = isPaused ? 'Resume' : 'Pause';
});
document.addEventListener('visibilitychange', setHidden);
setHidden();

function setHidden(): void {
  for (const loop of loops) loop.setHidden(document.hidden);
}

/** A loop that sends one request per round, and shows the response unless the round has been aborted meanwhile. */
function loopOf<T>(request: (signal: AbortSignal) => Promise<T>, show: (response: T) => void): PollLoop {
  return new PollLoop(async (stopped) => {
    const response = await request(AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]));
    if (!stopped.aborted) show(response);
  }, 5);
}

// Absolute: if the page's address contains a password, fetch() refuses relative URLs.
function urlOf(path: string): string {
  return new URL(path, location.origin + location.pathname).href;
}
