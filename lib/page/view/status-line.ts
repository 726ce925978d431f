import type { Connection } from '../state/connection.ts';
import { noticeOf } from '../state/notice.ts';
import { element } from './element.ts';
import { setText } from './set-text.ts';

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** Says how the page stands with the server: in a word at the top, and at length where something is amiss. */
export class StatusLine {
  readonly #state: HTMLElement;
  readonly #age: HTMLElement;
  readonly #notice: HTMLElement;

  constructor(state: HTMLElement, age: HTMLElement, notice: HTMLElement) {
    this.#state = state;
    this.#age = age;
    this.#notice = notice;
  }

  /** Shows the state; `about` tells of the last scrape. A screen reader reads it out when it changes. */
  show(connection: Connection, isPaused: boolean, about: string): void {
    const notice = noticeOf(connection, (seconds) => TIME.format(seconds * 1000));
    this.#state.dataset['kind'] = isPaused ? 'paused' : connection.kind;
    setText(this.#state, isPaused ? 'Paused' : (notice?.title ?? 'Live'));
    setText(this.#age, about);
    const text = notice === undefined || notice.title === 'Loading' ? '' : `${notice.title} ${notice.text}`;
    if (this.#notice.textContent === text) return;
    const className = notice?.isFailure === true ? 'notice failure' : 'notice';
    this.#notice.replaceChildren(
      ...(text === '' ? [] : [element('p', className, element('strong', '', notice!.title), ` ${notice!.text}`)]),
    );
  }
}
