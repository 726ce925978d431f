import { History } from '../history/history.ts';
import { afterAttempt, type Connection } from '../poll/connection.ts';
import type { Attempt, Health } from '../poll/requests.ts';
import { type Choices, Query, type Row, rowsOf, type SortOrder } from '../rows/rows.ts';
import { formatValue } from '../text/format.ts';
import { StatusLine } from './cards.ts';
import { Contents } from './contents.ts';
import { byId, setText } from './element.ts';
import { Folds } from './folds.ts';
import { Overview } from './overview.ts';
import { VirtualList } from './virtual-list.ts';

/** The state of the page, scrapes and the reader's choices, and the parts of the document that show it. */
export class LivePage {
  readonly #history = new History();
  readonly #folds = new Folds();
  readonly #opened = new Set<string>();
  readonly #status = new StatusLine(byId('state'), byId('age'), byId('notice'));
  readonly #contents = new Contents(byId('contents'), (id) => this.#revealGroup(id));
  readonly #context = {
    history: this.#history,
    intervalSeconds: 5,
    toggle: (row: Row): void => this.#toggle(row),
  };
  readonly #list = new VirtualList(byId('list'), this.#context);
  readonly #overview: Overview;
  #query = new Query('');
  #sortOrder: SortOrder = 'exposition';
  #connection: Connection = { kind: 'loading' };
  #isPaused = false;
  #about = '';

  /** Requires the elements of page.html. Calls `search` when the reader selects what the list is to be searched for. */
  constructor(search: (query: string) => void) {
    this.#overview = new Overview(this.#context, this.#folds, this.#list.isNarrow, search);
    this.#showStatus();
  }

  /** Shows the report of `/health`. */
  takeHealth(health: Health): void {
    this.#overview.takeHealth(health);
  }

  /** Shows the report of `/ready`. */
  takeReadiness(readiness: Health): void {
    this.#overview.takeReadiness(readiness);
  }

  /** Shows the result of a scrape. */
  takeAttempt(attempt: Attempt): void {
    this.#connection = afterAttempt(this.#connection, attempt.outcome, Date.now() / 1000);
    if (attempt.outcome.kind === 'scraped') {
      this.#history.add(attempt.answeredAt, attempt.families);
      const size = formatValue(attempt.sizeBytes, 'bytes');
      const series = formatValue(attempt.outcome.seriesCount, 'none');
      this.#about = `${series} series, ${size} in ${formatValue(attempt.seconds, 'seconds')}`;
      this.redraw();
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
    this.redraw();
  }

  /** Redraws everything, after a scrape or a change of theme: the colours of charts are pixels. */
  redraw(): void {
    if (this.#history.clock.count === 0) return;
    this.#overview.show();
    this.#showRows();
  }

  /** Collapses all groups; if they all are, expands them. */
  toggleAll(): void {
    // Every group has a row, also if it is collapsed.
    const groups = this.#rows().filter((row) => row.kind === 'group');
    this.#folds.setAll(
      groups.map(({ id }) => id),
      groups.some(({ isCollapsed }) => !isCollapsed),
    );
    this.#showRows();
  }

  #toggle(row: Row): void {
    if (row.kind === 'series') {
      if (!this.#opened.delete(row.id)) this.#opened.add(row.id);
    } else if (row.kind !== 'detail') {
      this.#folds.setAll([row.id], !row.isCollapsed);
    }
    this.#showRows();
  }

  #revealGroup(id: string): void {
    this.#folds.setAll([id], false);
    this.#showRows();
    this.#list.reveal(id);
  }

  #rows(): Row[] {
    const choices: Choices = {
      query: this.#query,
      sortOrder: this.#sortOrder,
      collapsed: this.#folds.all,
      opened: this.#opened,
      isNarrow: this.#list.isNarrow,
    };
    return this.#history.clock.count === 0 ? [] : rowsOf(this.#history, choices);
  }

  #showRows(): void {
    const rows = this.#rows();
    this.#list.show(rows);
    const groups = rows.filter((row) => row.kind === 'group');
    this.#contents.show(this.#overview.sections.shown, groups);
    setText(byId('fold'), groups.every(({ isCollapsed }) => isCollapsed) ? 'Expand all' : 'Collapse all');
    const found = rows.filter(({ kind }) => kind === 'series').length;
    const text = found === 0 ? 'No matches' : `${formatValue(found, 'none')} found`;
    setText(byId('count'), this.#query.isEmpty ? '' : text);
  }

  #showStatus(): void {
    this.#status.show(this.#connection, this.#isPaused, this.#about);
  }
}
