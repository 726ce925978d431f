import type { Fact } from '../digest/fact.ts';
import { httpSides } from '../digest/http.ts';
import { processFacts } from '../digest/process.ts';
import { blockedLoop, runtimeFacts } from '../digest/runtime.ts';
import type { Health } from '../poll/requests.ts';
import { HealthCard } from './cards.ts';
import type { ChartContext } from './draw.ts';
import { byId, setText } from './element.ts';
import type { Folds } from './folds.ts';
import { HttpView, trafficText } from './http-view.ts';
import { Sections } from './sections.ts';
import { Tiles } from './tiles.ts';

/** The facts of a collapsed section that its brief has. */
const BRIEF_TERMS: ReadonlySet<string> = new Set(['Event loop lag, p99', 'Heap used', 'CPU', 'Memory']);

/** What is above the list: health, and what the page reads from standard metrics. */
export class Overview {
  readonly sections: Sections;
  readonly #context: ChartContext;
  readonly #health = new HealthCard(byId('health'));
  readonly #readiness = new HealthCard(byId('ready'));
  readonly #http: HttpView;
  readonly #runtime = new Tiles(byId('runtime'));
  readonly #process = new Tiles(byId('process'));

  /** Calls `search` with what the list is to be searched for. */
  constructor(context: ChartContext, folds: Folds, isNarrow: boolean, search: (query: string) => void) {
    this.#context = context;
    this.#http = new HttpView(byId('http'), { isNarrow, search });
    this.sections = new Sections(folds, isNarrow, () => this.show());
  }

  /** Shows the report of `/health`. */
  takeHealth(health: Health): void {
    this.#health.show(health);
    this.#showHealthBrief();
  }

  /** Shows the report of `/ready`. */
  takeReadiness(readiness: Health): void {
    this.#readiness.show(readiness);
    this.#showHealthBrief();
  }

  /** Shows the last scrape. */
  show(): void {
    const { history } = this.#context;
    this.#showBlockedLoop();
    this.#showHttp();
    this.#showFacts('runtime', this.#runtime, runtimeFacts(history));
    this.#showFacts('process', this.#process, processFacts(history, Date.now() / 1000));
  }

  #showBlockedLoop(): void {
    const blocked = blockedLoop(this.#context.history);
    const bar = byId('blocked');
    bar.hidden = blocked === undefined;
    setText(bar.querySelector('strong')!, blocked?.title ?? '');
    setText(bar.querySelector('span')!, blocked?.text ?? '');
    // Without the seconds, so that screen readers announce it once.
    setText(byId('blocked-alert'), blocked === undefined ? '' : 'The event loop is blocked.');
  }

  #showHttp(): void {
    const sides = httpSides(this.#context.history);
    this.sections.show('http', sides[0] === undefined ? undefined : trafficText(sides[0]));
    if (this.sections.isOpen('http')) this.#http.show(sides, this.#context);
  }

  #showFacts(id: 'runtime' | 'process', tiles: Tiles, facts: readonly Fact[]): void {
    const brief = facts.filter(({ term }) => BRIEF_TERMS.has(term)).map(({ term, text }) => `${term} ${text}`);
    this.sections.show(id, facts.length === 0 ? undefined : brief.join(' · '));
    if (this.sections.isOpen(id)) tiles.show(facts, this.#context);
  }

  #showHealthBrief(): void {
    this.sections.show('overview', `${this.#health.verdict} · readiness ${this.#readiness.verdict}`);
  }
}
