import { type Connection, noticeOf } from '../poll/connection.ts';
import type { Check, Health } from '../poll/requests.ts';
import { formatValue } from '../text/format.ts';
import { element, setText } from './element.ts';

// The status, the cards for health and readiness, and the formats of the endpoints card.

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** The formats of `/metrics` that a plain link does not get. */
const FORMATS = [
  { title: 'text 1.0.0', accept: 'text/plain;version=1.0.0;escaping=allow-utf-8', isText: true },
  { title: 'OpenMetrics', accept: 'application/openmetrics-text;version=1.0.0', isText: true },
  {
    title: 'protobuf',
    accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    isText: false,
  },
] as const;

/** The state of the connection: one word at the top, and a notice when there is something to explain. */
export class StatusLine {
  readonly #state: HTMLElement;
  readonly #age: HTMLElement;
  readonly #notice: HTMLElement;

  constructor(state: HTMLElement, age: HTMLElement, notice: HTMLElement) {
    this.#state = state;
    this.#age = age;
    this.#notice = notice;
  }

  /** Shows the state; `about` describes the last scrape. Screen readers announce changes. */
  show(connection: Connection, isPaused: boolean, about: string): void {
    const notice = noticeOf(connection, (seconds) => TIME.format(seconds * 1000));
    this.#state.dataset['kind'] = isPaused ? 'paused' : connection.kind;
    setText(this.#state, isPaused ? 'Paused' : (notice?.title ?? 'Live'));
    setText(this.#age, about);
    const text = notice === undefined || connection.kind === 'loading' ? '' : `${notice.title} ${notice.text}`;
    if (this.#notice.textContent === text) return;
    const className = notice?.isFailure === true ? 'notice failure' : 'notice';
    this.#notice.replaceChildren(
      ...(text === '' ? [] : [element('p', className, element('strong', '', notice!.title), ` ${notice!.text}`)]),
    );
  }
}

/** The report of `/health` or `/ready`, check by check, below the heading of a card. */
export class HealthCard {
  readonly #verdict = element('span', 'verdict');
  readonly #body = element('div', '');
  #shown = '';

  constructor(card: HTMLElement) {
    card.querySelector('h3')!.append(' ', this.#verdict);
    card.append(this.#body);
  }

  /** The report in one word; empty before the first one. */
  get verdict(): string {
    return this.#verdict.textContent;
  }

  /** Shows a health report, or a message if there is no report. */
  show(health: Health): void {
    // An unchanged report keeps its elements, and with them the reader's selection.
    const text = JSON.stringify(health ?? null);
    if (text === this.#shown) return;
    this.#shown = text;
    const isBad = health?.isOk === false;
    this.#verdict.className = isBad ? 'verdict bad' : 'verdict';
    this.#verdict.textContent = health === undefined ? 'unknown' : isBad ? 'failing' : 'ok';
    this.#body.replaceChildren(contentOf(health));
  }
}

function contentOf(health: Health): HTMLElement {
  if (health === undefined) return element('p', 'quiet', 'The server sent no report.');
  if (health.checks.length === 0) return element('p', 'quiet', 'No checks registered.');
  return element('ul', '', ...health.checks.map(itemOf));
}

function itemOf({ name, isOk, durationSeconds, error }: Check): HTMLElement {
  const mark = element('span', isOk ? 'mark' : 'mark bad', isOk ? '✓' : '✕');
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', isOk ? 'ok' : 'failing');
  const duration = Number.isNaN(durationSeconds) ? '' : formatValue(durationSeconds, 'seconds');
  const item = element('li', '', mark, element('span', '', name), element('span', 'quiet', duration));
  if (error !== '') item.append(element('span', 'error', error));
  return item;
}

/**
 * Adds a button per format, which opens the metrics in it, or saves them if the format is binary. A link could not: the
 * server negotiates by the Accept header, which links cannot set.
 */
export function addFormatButtons(parent: HTMLElement, url: string): void {
  for (const { title, accept, isText } of FORMATS) {
    const button = element('button', '', title);
    button.type = 'button';
    button.addEventListener('click', () => {
      // The page reports the same failure for its own scrapes.
      open(url, accept, isText).catch(() => undefined);
    });
    parent.append(button);
  }
}

async function open(url: string, accept: string, isText: boolean): Promise<void> {
  const response = await fetch(url, { headers: { accept } });
  const type = isText ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  const link = element('a', '');
  link.href = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type }));
  if (isText) link.target = '_blank';
  else link.download = 'metrics.pb';
  link.click();
  // The new tab needs the object until it has loaded.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
