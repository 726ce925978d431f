import type { Fact } from '../digest/fact.ts';
import type { HttpSide, Route, Traffic } from '../digest/http.ts';
import { formatValue } from '../text/format.ts';
import type { ChartContext } from './draw.ts';
import { element, setText } from './element.ts';
import { Tiles } from './tiles.ts';

/** Rows of a table that is not shown in full, on wide and on narrow pages. */
const FEW_ROUTES = { wide: 10, narrow: 5 };

/** Rows of a table that is. With more, the search is the way to find a route. */
const MOST_ROUTES = 200;

const TITLES = { server: 'Requests answered', client: 'Requests made' };
const PLACES = { server: 'Route', client: 'Server' };

/** The traffic in one line. */
export function trafficText(traffic: Traffic): string {
  const { rate, errors, p95 } = textsOf(traffic);
  return `${rate} · errors ${errors} · p95 ${p95}`;
}

/** How the traffic is shown. */
interface HttpViewOptions {
  readonly isNarrow: boolean;
  /** Called with a query for the list when the reader selects a route. */
  readonly search: (query: string) => void;
}

/** The traffic of each side of HTTP, and of its routes. */
export class HttpView {
  readonly #parent: HTMLElement;
  readonly #options: HttpViewOptions;
  readonly #sides = new Map<HttpSide['kind'], SideView>();

  constructor(parent: HTMLElement, options: HttpViewOptions) {
    this.#parent = parent;
    this.#options = options;
  }

  /** Shows these sides; those shown before stay, without traffic, if they are missing. */
  show(sides: readonly HttpSide[], context: ChartContext): void {
    for (const side of sides) {
      let view = this.#sides.get(side.kind);
      if (view === undefined) this.#sides.set(side.kind, (view = new SideView(this.#parent, side.kind, this.#options)));
      view.show(side, context);
    }
  }
}

/** One side: tiles with the totals, and a table of its routes. */
class SideView {
  readonly #tiles: Tiles;
  readonly #table = element('table', 'routes');
  readonly #body = element('tbody', '');
  readonly #more = element('button', '');
  readonly #rows = new Map<string, RouteView>();
  readonly #search: (query: string) => void;
  readonly #few: number;
  #routes: readonly Route[] = [];
  #isFull = false;

  constructor(parent: HTMLElement, kind: HttpSide['kind'], { isNarrow, search }: HttpViewOptions) {
    this.#search = search;
    this.#few = FEW_ROUTES[isNarrow ? 'narrow' : 'wide'];
    const title = element('h3', '', TITLES[kind]);
    title.id = `http-${kind}`;
    parent.append(title);
    this.#tiles = new Tiles(parent);
    this.#table.setAttribute('aria-labelledby', title.id);
    const heads = [PLACES[kind], 'rate', 'errors', 'p50', 'p95', 'p99'].map((text) => {
      const head = element('th', '', text);
      head.scope = 'col';
      return head;
    });
    this.#table.append(element('thead', '', element('tr', '', ...heads)), this.#body);
    this.#more.type = 'button';
    this.#more.addEventListener('click', () => {
      this.#isFull = !this.#isFull;
      this.#showRoutes(this.#routes);
    });
    parent.append(this.#table, this.#more);
  }

  show(side: HttpSide, context: ChartContext): void {
    this.#routes = side.routes;
    this.#tiles.show(factsOf(side), context);
    this.#showRoutes(side.routes);
  }

  #showRoutes(routes: readonly Route[]): void {
    const shown = routes.slice(0, this.#isFull ? MOST_ROUTES : this.#few);
    const keys = new Set(shown.map(keyOf));
    // What the reader points at or has the focus in does not move.
    const isInUse = this.#body.matches(':hover') || this.#body.contains(document.activeElement);
    for (const [key, { row }] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    let next = this.#body.firstElementChild;
    for (const route of shown) {
      const key = keyOf(route);
      let view = this.#rows.get(key);
      const isNew = view === undefined;
      if (view === undefined) this.#rows.set(key, (view = new RouteView(route, this.#search)));
      view.update(route);
      if (next === view.row) next = next.nextElementSibling;
      else if (isNew || !isInUse) this.#body.insertBefore(view.row, next);
    }
    const { length } = routes;
    this.#more.hidden = length <= this.#few;
    const all = length > MOST_ROUTES ? `the busiest ${MOST_ROUTES} of ${formatValue(length, 'none')}` : `all ${length}`;
    setText(this.#more, this.#isFull ? 'Show fewer' : `Show ${all}`);
  }
}

/** The row of a route. Its button searches the list. */
class RouteView {
  readonly row = element('tr', '');
  readonly #cells = Array.from({ length: 5 }, () => element('td', ''));

  constructor({ method, place, query }: Route, search: (query: string) => void) {
    const name = element('bdi', '', place === '' ? 'no route' : place);
    const content = [element('span', 'quiet', method), ' ', name];
    const head = element('th', '');
    head.scope = 'row';
    head.title = `${method} ${place}`;
    if (query === undefined) {
      head.append(...content);
    } else {
      const button = element('button', '', ...content);
      button.type = 'button';
      button.addEventListener('click', () => search(query));
      head.append(button);
    }
    this.row.append(head, ...this.#cells);
  }

  update(route: Route): void {
    const { rate, errors, p50, p95, p99 } = textsOf(route);
    for (const [i, text] of [rate, errors, p50, p95, p99].entries()) setText(this.#cells[i]!, text);
    this.#cells[1]!.className = route.errorShare > 0 ? 'bad' : '';
  }
}

function keyOf({ method, place }: Route): string {
  return `${method} ${place}`;
}

function factsOf(side: HttpSide): Fact[] {
  const { rate, errors, p50, p95, p99 } = textsOf(side);
  const inFlight = side.inFlight.at(-1);
  return [
    { term: 'Rate', text: rate, trend: side.rates },
    { term: 'Errors', text: errors },
    { term: 'p50', text: p50 },
    { term: 'p95', text: p95 },
    { term: 'p99', text: p99 },
    ...(inFlight === undefined
      ? []
      : [{ term: 'In flight', text: formatValue(inFlight, 'none'), trend: side.inFlight }]),
  ];
}

interface TrafficTexts {
  readonly rate: string;
  readonly errors: string;
  readonly p50: string;
  readonly p95: string;
  readonly p99: string;
}

function textsOf({ rate, errorShare, quantiles }: Traffic): TrafficTexts {
  const [p50, p95, p99] = quantiles.map((value) => (Number.isNaN(value) ? '–' : formatValue(value, 'seconds')));
  return {
    rate: Number.isNaN(rate) ? '–' : `${formatValue(rate, 'none')}/s`,
    errors: Number.isNaN(errorShare) ? '–' : formatValue(errorShare, 'ratio'),
    p50: p50!,
    p95: p95!,
    p99: p99!,
  };
}
