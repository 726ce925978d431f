import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Dashboard,
  type Panel,
  readDashboards,
  withoutVariables,
} from '../../monitoring/stack/dashboard-queries.ts';
import { checkExpression } from './check-expression.ts';
import { scrapedSeries } from './known-series.ts';
import { readRules } from './read-rules.ts';
import { withRecorded } from './recorded-series.ts';

// Grafana cannot be run here: these are its rules, as far as a file can break them.

/** Units that Grafana knows, of those that fit what FinPilot measures; the names are those of @grafana/data 11.6. */
const UNITS = ['none', 'short', 'percentunit', 's', 'bytes', 'Bps', 'ops', 'opm', 'reqps'];
/** Panels of the core of Grafana. */
const TYPES = ['row', 'stat', 'gauge', 'timeseries', 'heatmap', 'table'];
const WIDTH = 24;
/** Windows of one hour ahead are of the question, not of the screen. */
const FIXED_WINDOWS = /predict_linear\([^[]*\[1h\]/g;

/** FinPilot's. Those of monitoring/node have more series and other labels: a real Prometheus answers their queries. */
const dashboards = readDashboards();
const all = [...dashboards, ...readDashboards('node', 'dashboards')];
const known = withRecorded(scrapedSeries(), readRules());
const panels = all.flatMap((dashboard) =>
  dashboard.panels.map((panel) => ({ dashboard, panel, place: placeOf(dashboard, panel) })),
);
const charts = panels.filter(({ panel }) => panel.type !== 'row');
const finpilotCharts = charts.filter(({ dashboard }) => dashboards.includes(dashboard));

function placeOf({ title: dashboard }: Dashboard, { title }: Panel): string {
  return `${dashboard}: ${title}`;
}

test('The dashboards have the rows that the decision record asks for, and more', () => {
  const rows = dashboards.map(({ uid, panels: own }) => [
    uid,
    own.filter(({ type }) => type === 'row').map(({ title }) => title),
  ]);
  assert.deepEqual(rows, [
    [
      'finpilot',
      ['System Overview', 'Objectives', 'Scanner Metrics', 'ML/DRL Metrics', 'Auth & Security', 'API', 'Capacity'],
    ],
    ['finpilot-node', ['Process', 'Event loop', 'Heap', 'Garbage collection', 'Resources', 'Scrapes']],
  ]);
});

test('Each query of a panel asks for series and labels that there are', (t) => {
  const targets = finpilotCharts.flatMap(({ panel, place }) =>
    (panel.targets ?? []).map((target) => ({ ...target, place })),
  );
  const faults = targets.flatMap(({ place, expr }) => {
    return checkExpression(withoutVariables(expr), known).faults.map((fault) => `${place}: ${fault}`);
  });
  assert.deepEqual(faults, []);
  t.diagnostic(`${finpilotCharts.length} panels, ${targets.length} queries`);
});

test('Each legend names labels that the series of its query have', () => {
  for (const { panel, place } of finpilotCharts) {
    for (const { expr, legendFormat } of panel.targets ?? []) {
      assert.deepEqual(unknownLabels(legendFormat, expr), [], place);
    }
  }
});

/** The labels that a text names as `{{label}}`, and the series of an expression do not have. */
function unknownLabels(text: string, expr: string): string[] {
  const { labels } = checkExpression(withoutVariables(expr), known);
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label).filter((label) => !labels.has(label));
}

test('Windows of queries are those of the screen', () => {
  for (const { panel, place } of charts) {
    for (const { expr } of panel.targets ?? []) {
      const windows = [...expr.replace(FIXED_WINDOWS, '').matchAll(/\[([^\]]*)\]/g)].map(([, window]) => window);
      assert.deepEqual(
        windows.filter((window) => !['$__rate_interval', '$__range'].includes(window!)),
        [],
        place,
      );
    }
  }
});

test('Each panel has a type, unit and description, and at least one query', () => {
  for (const { panel, place } of panels) assert.ok(TYPES.includes(panel.type), `${place}: ${panel.type}`);
  for (const { panel, place } of charts) {
    const unit = panel.fieldConfig?.defaults.unit ?? 'no unit';
    assert.ok(UNITS.includes(unit), `${place}: ${unit}`);
    assert.match(panel.description ?? '', /\.$/, place);
    assert.ok((panel.targets ?? []).length > 0, place);
    const ids = (panel.targets ?? []).map(({ refId }) => refId);
    assert.equal(new Set(ids).size, ids.length, `${place}: ${ids}`);
  }
});

test('A legend below a chart is not cut off: a table there has at most three series, whose names are known', () => {
  for (const { panel, place } of charts) {
    const { displayMode, placement } = panel.options?.legend ?? {};
    if (displayMode !== 'table' || placement !== 'bottom') continue;
    const names = (panel.targets ?? []).map(({ legendFormat }) => legendFormat);
    assert.ok(names.length <= 3 && names.every((name) => !name.includes('{{')), `${place}: ${names}`);
  }
});

test('A forecast is shown once its window is full', (t) => {
  const forecasts = charts.flatMap(({ panel, place }) =>
    (panel.targets ?? []).flatMap(({ expr }) => {
      const [, selector, window] = /predict_linear\((.*?)\[(\w+)\]/.exec(expr) ?? [];
      return selector === undefined ? [] : [{ expr, condition: `and ${selector} offset ${window}`, place }];
    }),
  );
  for (const { expr, condition, place } of forecasts) assert.ok(expr.includes(condition), `${place}: ${condition}`);
  assert.ok(forecasts.length >= 3);
  t.diagnostic(`${forecasts.length} forecasts`);
});

test('The thresholds of a panel rise', () => {
  for (const { panel, place } of charts) {
    const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? [];
    const values = steps.map(({ value }) => value ?? -Infinity);
    assert.deepEqual(
      values,
      [...new Set(values)].sort((a, b) => a - b),
      place,
    );
  }
});

test('Ids of dashboards and of panels are unique', () => {
  const uids = all.map(({ uid }) => uid);
  assert.equal(new Set(uids).size, uids.length);
  for (const { title, panels: own } of all) {
    assert.equal(new Set(own.map(({ id }) => id)).size, own.length, title);
  }
});

test('Panels lie on the grid, side by side, and none on another', () => {
  for (const { dashboard, panel, place } of panels) {
    const { x, y, w, h } = panel.gridPos;
    assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= WIDTH, place);
    const under = dashboard.panels.filter((other) => other !== panel && isOverlap(panel.gridPos, other.gridPos));
    assert.deepEqual(
      under.map(({ title }) => title),
      [],
      place,
    );
  }
});

test('isOverlap() finds two panels one on another, not side by side', () => {
  const at = { x: 6, y: 4, w: 6, h: 4 };
  assert.ok(isOverlap(at, { ...at, x: 11 }) && isOverlap(at, { ...at, y: 7 }) && isOverlap(at, at));
  assert.ok(!isOverlap(at, { ...at, x: 12 }) && !isOverlap(at, { ...at, y: 8 }) && !isOverlap(at, { ...at, x: 0 }));
});

function isOverlap(a: Panel['gridPos'], b: Panel['gridPos']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test('All data comes from the chosen data source', () => {
  const chosen = { type: 'prometheus', uid: '${datasource}' };
  for (const { panel, place } of charts) {
    assert.deepEqual(
      [panel.datasource, ...(panel.targets ?? []).map(({ datasource }) => datasource)].filter(
        (one) => one?.uid !== chosen.uid,
      ),
      [],
      place,
    );
  }
  for (const { title, templating, annotations } of all) {
    const [first, ...others] = templating.list;
    assert.deepEqual([first?.name, first?.type], ['datasource', 'datasource'], title);
    for (const { name, datasource } of others) assert.deepEqual(datasource, chosen, `${title}: ${name}`);
    for (const { name, expr, datasource } of annotations.list)
      if (expr !== undefined) assert.deepEqual(datasource, chosen, `${title}: ${name}`);
  }
});

test('Each variable that is used is declared, and the other way round, and asks for labels that there are', () => {
  for (const dashboard of all) {
    const declared = dashboard.templating.list.map(({ name }) => name);
    const text = JSON.stringify([dashboard.panels, dashboard.templating, dashboard.annotations]);
    const used = [...text.matchAll(/\$\{?(\w+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('__'));
    assert.deepEqual([...new Set(used)].sort(), [...declared].sort(), dashboard.title);
    if (!dashboards.includes(dashboard)) continue;
    for (const { name, definition } of dashboard.templating.list.slice(1)) {
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
      const { labels, faults } = checkExpression(withoutVariables(selector), known);
      assert.deepEqual(faults, [], `${dashboard.title}: ${name}`);
      assert.ok(labels.has(label), `${dashboard.title}: ${name}: there is no label ${label}`);
    }
  }
  const strategy = dashboards
    .find(({ uid }) => uid === 'finpilot')
    ?.templating.list.find(({ name }) => name === 'strategy');
  assert.equal(strategy?.type, 'query');
});

test('The dashboards link to one another, and show alerts', () => {
  for (const { uid, title, links, annotations } of all) {
    const family = all.filter((other) => other.uid.split('-')[0] === uid.split('-')[0] && other.uid !== uid);
    assert.deepEqual(links.map(({ url }) => url).sort(), family.map((other) => `/d/${other.uid}`).sort());
    const marks = annotations.list.flatMap(({ expr, titleFormat = '', textFormat = '' }) => {
      return expr === undefined ? [] : [{ expr, text: `${titleFormat} ${textFormat}` }];
    });
    assert.deepEqual(
      marks.flatMap(({ expr }) => checkExpression(expr, known).faults),
      [],
      title,
    );
    assert.deepEqual(
      marks.flatMap(({ expr, text }) => unknownLabels(text, expr)),
      [],
      title,
    );
    assert.ok(
      marks.some(({ expr }) => expr.startsWith('ALERTS{')),
      title,
    );
  }
});
