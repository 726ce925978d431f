import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../spec/support/files-below.ts';
import { packageRoot } from '../../spec/support/package-root.ts';

/** A panel of a dashboard, as far as it matters here. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: DataSource;
  readonly targets?: readonly PanelTarget[];
  readonly options?: { readonly legend?: { readonly displayMode?: string; readonly placement?: string } };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly thresholds?: Thresholds } };
}

/** From which value on a panel has which colour; the first step has none. */
export interface Thresholds {
  readonly steps: readonly { readonly color: string; readonly value: number | null }[];
}

/** Where data comes from. */
export interface DataSource {
  readonly type: string;
  readonly uid: string;
}

/** A query of a panel. */
export interface PanelTarget {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: DataSource;
}

/** A dashboard, as far as it matters here. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly links: readonly { readonly url: string }[];
  readonly annotations: { readonly list: readonly Annotation[] };
  readonly templating: { readonly list: readonly Variable[] };
}

/** The annotations of all panels. */
export interface Annotation {
  readonly name: string;
  readonly expr?: string;
  readonly titleFormat?: string;
  readonly textFormat?: string;
  readonly datasource: DataSource;
}

/** The variables of a dashboard. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  readonly datasource?: DataSource;
}

/** A query of a dashboard that Prometheus can be asked. */
export interface DashboardQuery {
  /** Where it stands, such as `FinPilot: Scan rate, A`. */
  readonly place: string;
  /** With a value for each variable. */
  readonly expr: string;
}

/** What stands for each variable of Grafana: everything that is chosen by default, and windows that a minute fills. */
const VARIABLES: Readonly<Record<string, string>> = {
  $__rate_interval: '1m',
  $__range: '5m',
  $job: 'finpilot',
  $strategy: '.*',
  $instance: '.*',
  $route: '.*',
};

/** The dashboards in a folder of monitoring/, in the order of their files. */
export function readDashboards(...path: readonly string[]): readonly Dashboard[] {
  const folder = join(packageRoot(), 'monitoring', ...(path.length === 0 ? ['grafana', 'dashboards'] : path));
  return filesBelow(folder).map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Dashboard);
}

/** The queries of all panels. */
export function dashboardQueries(dashboards: readonly Dashboard[]): readonly DashboardQuery[] {
  return dashboards.flatMap(({ title: dashboard, panels }) =>
    panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }) => ({ place: `${dashboard}: ${title}, ${refId}`, expr: withoutVariables(expr) })),
    ),
  );
}

/** Panels that show one distribution in two forms have these ends of their titles. */
const FORM = /, (?:classic buckets|native histogram)(?=, \w+$)/;

/** The queries of a Prometheus that stores one form of each histogram: those for the two forms of a distribution are one. */
export function inEitherForm(queries: readonly DashboardQuery[]): readonly DashboardQuery[] {
  const byPlace = new Map<string, DashboardQuery>();
  for (const { place: titled, expr } of queries) {
    const place = titled.replace(FORM, '');
    const other = byPlace.get(place);
    byPlace.set(place, { place, expr: other === undefined ? expr : `${other.expr} or ${expr}` });
  }
  return [...byPlace.values()];
}

/**
 * Replaces the variables of Grafana; one that is not known stays, and is no PromQL. A forecast, which waits until its window of
 * an hour is full, gets one that is full at once.
 */
export function withoutVariables(expr: string): string {
  const shortened = expr.replaceAll('[1h]', '[1m]').replaceAll('offset 1h', 'offset 5s');
  return shortened.replace(/\$\w+/g, (name) => VARIABLES[name] ?? name);
}
