import type { Check, Health } from '../state/health.ts';
import { formatValue } from '../text/format-value.ts';
import { element } from './element.ts';

/** Shows what `/health` or `/ready` said, check by check, in a card that has a heading. */
export class HealthCard {
  readonly #verdict = element('span', 'verdict');
  readonly #body = element('div', '');
  #shown = '';

  constructor(card: HTMLElement) {
    card.querySelector('h2')!.append(this.#verdict);
    card.append(this.#body);
  }

  /** Shows a report, or that there is none. */
  show(health: Health): void {
    // What has not changed is left alone, so that a reader's selection and place stay.
    const text = JSON.stringify(health ?? null);
    if (text === this.#shown) return;
    this.#shown = text;
    const isBad = health?.isOk === false;
    this.#verdict.className = isBad ? 'verdict bad' : 'verdict';
    this.#verdict.textContent = health === undefined ? 'not known' : isBad ? 'failing' : 'ok';
    this.#body.replaceChildren(health === undefined || health.checks.length === 0 ? remark(health) : listOf(health));
  }
}

function remark(health: Health): HTMLElement {
  return element('p', 'quiet', health === undefined ? 'The server gave no report.' : 'No checks are set up.');
}

function listOf({ checks }: NonNullable<Health>): HTMLElement {
  return element('ul', '', ...checks.map(itemOf));
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
