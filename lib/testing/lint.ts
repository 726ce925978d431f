import type { Gatherer } from '../model/family.ts';
import { checkIsRegistry } from './check-is-registry.ts';
import { LINT_RULES, lintedFamily } from './lint-rules.ts';

/** A violation of Prometheus's conventions by a metric. */
export interface LintProblem {
  /** The name of the metric, with its registry's prefix. */
  readonly metric: string;
  /** The problem, in the words of `promtool check metrics`. */
  readonly text: string;
}

/**
 * Resolves to the problems that Prometheus's linter, promlint, reports for a registry's metrics, after its collectors have
 * run: sorted by metric and text, each problem of a metric once. Empty if there are none.
 *
 * Metrics that have no series yet are linted too, which `promtool check metrics` cannot do. UTF-8 names are
 * linted in the escaped form that scrapers without UTF-8 support receive, with `_` for other characters.
 *
 * Rejects with a TypeError unless `registry` is one. Looks at every series: meant for tests.
 *
 * @example
 * ```ts
 * const registry = new MetricsRegistry();
 * new Gauge({ name: 'queue_wait_ms', help: 'How long the next in line has waited.', registers: [registry] });
 * assert.deepEqual(await lint(registry), [
 *   { metric: 'queue_wait_ms', text: 'metric names should not contain abbreviated units' },
 * ]);
 * ```
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export async function lint(registry: Gatherer): Promise<LintProblem[]> {
  checkIsRegistry(registry, 'lint metrics');
  const families = await registry.gather();
  const problems = families.flatMap((family) => {
    const linted = lintedFamily(family);
    const texts = new Set(LINT_RULES.flatMap((rule) => rule(linted)));
    return Array.from(texts, (text): LintProblem => ({ metric: family.name, text }));
  });
  return problems.sort((a, b) => compare(a.metric, b.metric) || compare(a.text, b.text));
}

/** By code units: the order must not depend on the machine's language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
