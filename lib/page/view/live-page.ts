import { History } from '../history/history.ts';
import { Query } from '../rows/query.ts';
import type { Choices, SortOrder } from '../rows/choices.ts';
import type { Row } from '../rows/row.ts';
import { rowsOf } from '../rows/rows-of.ts';
import type { Attempt } from '../scrape/attempt-scrape.ts';
import { afterAttempt, type Connection } from '../state/connection.ts';
import type { Health } from '../state/health.ts';
import { processFacts } from '../state/process-facts.ts';
import { formatValue } from '../text/format-value.ts';
import { HealthCard } from './health-card.ts';
import { ProcessCard } from './process-card.ts';
import { StatusLine } from './status-line.ts';
import { VirtualList } from './virtual-list.ts';

/** The document: what was scraped and what the reader has chosen, and the parts that show it. */
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

  /** Expects the elements of page.html in the document. */
  constructor() {
    this.#context = { history: this.#history, intervalSeconds: 5, toggle: (row) => this.#toggle(row) };
    this.#list = new VirtualList(byId('list'), this.#context);
    this.#showStatus();
  }

  /** Shows what `/health` said. */
  takeHealth(health: Health): void {
    this.#health.show(health);
  }

  /** Shows what `/ready` said. */
  takeReadiness(readiness: Health): void {
    this.#readiness.show(readiness);
  }

  /** Shows what an attempt to scrape brought. */
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

  /** Searches. */
  setQuery(text: string): void {
    this.#query = new Query(text);
    this.#showRows();
  }

  /** Sorts. */
  setSortOrder(order: SortOrder): void {
    this.#sortOrder = order;
    this.#showRows();
  }

  /** Tells that polling was paused, or goes on. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#showStatus();
  }

  /** Tells the time between two scrapes, by which charts are scaled. */
  setIntervalSeconds(seconds: number): void {
    this.#context.intervalSeconds = seconds;
    this.#showRows();
  }

  /** Draws anew what has its colours in pixels, after another theme was chosen. */
  redraw(): void {
    this.#showRows();
  }

  /** Collapses or expands all groups. */
  setAllCollapsed(isCollapsed: boolean): void {
    // Groups that are collapsed have no other rows, so that their heads are all there is to change.
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
    const text = found === 0 ? 'Nothing matches' : `${formatValue(found, 'none')} found`;
    byId('count').textContent = this.#query.isEmpty ? '' : text;
  }

  #showStatus(): void {
    this.#status.show(this.#connection, this.#isPaused, this.#about);
  }
}

function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}
