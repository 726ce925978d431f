import { History } from '../history/history.ts';
import { afterAttempt, type Connection } from '../poll/connection.ts';
import type { Attempt, Health } from '../poll/requests.ts';
import { type Choices, Query, type Row, rowsOf, type SortOrder } from '../rows/rows.ts';
import { formatValue } from '../text/format.ts';
import { processFacts } from '../text/process-facts.ts';
import { HealthCard, ProcessCard, StatusLine } from './cards.ts';
import { byId } from './element.ts';
import { VirtualList } from './virtual-list.ts';

/** The state of the page, scrapes and the reader's choices, and the parts of the document that show it. */
export class LivePage {
  readonly #history = new History();
  readonly #collapsed = new Map<string, boolean>();
  readonly #opened = new Set<string>();
  readonly #health = new HealthCard(byId('health'));
  readonly #readiness = new HealthCard(byId('ready'));
  readonly #process = new ProcessCard(byId('process'));
  readonly #status = new StatusLine(byId('state'), byId('age'), byId('notice'));
  readonly #list: VirtualList;
  readonly #context: { readonly history: History; intervalSeconds: number; readonly toggle: (row: Row) => void };
  #query = new Query('');
  #sortOrder: SortOrder = 'exposition';
  #connection: Connection = { kind: 'loading' };
  #isPaused = false;
  #about = '';

  /** Requires the elements of page.html. */
  constructor() {
    this.#context = { history: this.#history, intervalSeconds: 5, toggle: (row) => this.#toggle(row) };
    this.#list = new VirtualList(byId('list'), this.#context);
    this.#showStatus();
  }

  /** Shows the report of `/health`. */
  takeHealth(health: Health): void {
    this.#health.show(health);
  }

  /** Shows the report of `/ready`. */
  takeReadiness(readiness: Health): void {
    this.#readiness.show(readiness);
  }

  /** Shows the result of a scrape. */
  takeAttempt(attempt: Attempt): void {
    const now = Date.now() / 1000;
    this.#connection = afterAttempt(this.#connection, attempt.outcome, now);
    if (attempt.outcome.kind === 'scraped') {
      this.#history.add(attempt.answeredAt, attempt.families);
      this.#process.show(processFacts(this.#history, now));
      const size = formatValue(attempt.sizeBytes, 'bytes');
      const series = formatValue(attempt.outcome.seriesCount, 'none');
      this.#about = `${series} series, ${size} in ${formatValue(attempt.seconds, 'seconds')}`;
      this.#showRows();
    }
    this.#showStatus();
  }

  /** Shows only the series that match. */
  setQuery(text: string): void {
    this.#query = new Query(text);
    this.#showRows();
  }

  /** Changes the order of the list. */
  setSortOrder(order: SortOrder): void {
    this.#sortOrder = order;
    this.#showRows();
  }

  /** Shows whether polling is paused. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#showStatus();
  }

  /** Sets the time between two scrapes, which scales the charts. */
  setIntervalSeconds(seconds: number): void {
    this.#context.intervalSeconds = seconds;
    this.#showRows();
  }

  /** Redraws the charts after a change of theme: their colours are pixels. */
  redraw(): void {
    this.#showRows();
  }

  /** Collapses or expands all groups. */
  setAllCollapsed(isCollapsed: boolean): void {
    // Every group has a row, also if it is collapsed.
    for (const row of this.#rows()) if (row.kind === 'group') this.#collapsed.set(row.id, isCollapsed);
    this.#showRows();
  }

  #toggle(row: Row): void {
    if (row.kind === 'series') {
      if (!this.#opened.delete(row.id)) this.#opened.add(row.id);
    } else if (row.kind !== 'detail') {
      this.#collapsed.set(row.id, !row.isCollapsed);
    }
    this.#showRows();
  }

  #rows(): Row[] {
    const choices: Choices = {
      query: this.#query,
      sortOrder: this.#sortOrder,
      collapsed: this.#collapsed,
      opened: this.#opened,
    };
    return this.#history.clock.count === 0 ? [] : rowsOf(this.#history, choices);
  }

  #showRows(): void {
    const rows = this.#rows();
    this.#list.show(rows);
    const found = rows.filter(({ kind }) => kind === 'series').length;
    const text = found === 0 ? 'No matches' : `${formatValue(found, 'none')} found`;
    byId('count').textContent = this.#query.isEmpty ? '' : text;
  }

  #showStatus(): void {
    this.#status.show(this.#connection, this.#isPaused, this.#about);
  }
}
