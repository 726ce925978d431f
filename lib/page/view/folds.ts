const KEY = `metrics-page-folds ${location.pathname}`;

/**
 * What the reader collapsed (true) or expanded (false), by id: sections of the page, and rows of the list. It lasts as
 * long as the tab, reloads included; where storage is unavailable, until the reload.
 */
export class Folds {
  readonly #folds: Map<string, boolean> = read();

  /** The choices so far. */
  get all(): ReadonlyMap<string, boolean> {
    return this.#folds;
  }

  /** Records the same choice for each of these ids. */
  setAll(ids: readonly string[], isCollapsed: boolean): void {
    for (const id of ids) this.#folds.set(id, isCollapsed);
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...this.#folds]));
    } catch {
      // Not stored: the choices last until the reload.
    }
  }
}

function read(): Map<string, boolean> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as [string, boolean][]);
  } catch {
    return new Map();
  }
}
