// The panels of Grafana that the dashboards consist of.
local datasource = { type: 'prometheus', uid: '${datasource}' };

local thresholds(steps) = {
  mode: 'absolute',
  steps: [{ color: if std.length(steps) == 0 then 'text' else 'green', value: null }]
         + [{ color: step[1], value: step[0] } for step in steps],
};

local panel(type, title, description, unit, queries) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  targets: [
    { refId: std.char(65 + i), datasource: datasource, editorMode: 'code', range: true } + queries[i]
    for i in std.range(0, std.length(queries) - 1)
  ],
  fieldConfig: { defaults: { unit: unit }, overrides: [] },
};

{
  datasource:: datasource,

  query(expr, legend):: { expr: expr, legendFormat: legend },

  // The values of now, each with a colour that starts at a value: `[[0.9, 'red']]`.
  stat(title, description, unit, queries, steps=[])::
    panel('stat', title, description, unit, queries) + {
      fieldConfig+: { defaults+: { color: { mode: 'thresholds' }, thresholds: thresholds(steps) } },
      options: {
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        textMode: 'auto',
        wideLayout: true,
        showPercentChange: false,
        percentChangeColorMode: 'standard',
      },
    },

  // Lines over time. `steps` draws a line at each value. A legend of many entries stands on the right, where it scrolls.
  graph(title, description, unit, queries, steps=[], max=null, isStacked=false, isLong=false)::
    panel('timeseries', title, description, unit, queries) + {
      fieldConfig+: {
        defaults+: {
          min: 0,
          [if max != null then 'max']: max,
          color: { mode: 'palette-classic' },
          custom: {
            drawStyle: 'line',
            lineWidth: 1,
            fillOpacity: if isStacked then 30 else 10,
            showPoints: 'never',
            spanNulls: false,
            [if isStacked then 'stacking']: { mode: 'normal', group: 'A' },
            [if std.length(steps) > 0 then 'thresholdsStyle']: { mode: 'line' },
          },
          [if std.length(steps) > 0 then 'thresholds']: thresholds(steps),
        },
      },
      options: {
        legend: {
          showLegend: true,
          displayMode: if isLong then 'table' else 'list',
          placement: if isLong then 'right' else 'bottom',
          calcs: if isLong then ['lastNotNull'] else [],
        },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  gauge(title, description, queries)::
    panel('gauge', title, description, 'percentunit', queries) + {
      fieldConfig+: {
        defaults+: {
          min: 0,
          max: 1,
          color: { mode: 'thresholds' },
          thresholds: {
            mode: 'absolute',
            steps: [{ color: 'red', value: null }, { color: 'orange', value: 0.25 }, { color: 'green', value: 0.5 }],
          },
        },
      },
      options: {
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        showThresholdLabels: false,
        showThresholdMarkers: true,
        orientation: 'auto',
        sizing: 'auto',
        minVizWidth: 75,
        minVizHeight: 75,
      },
    },

  // A query of classic buckets needs `isNative=false`, since Grafana has to be told that its series are buckets.
  heatmap(title, description, expr, isNative)::
    panel('heatmap', title, description, 's', [
      self.query(expr, if isNative then '' else '{{le}}') + (if isNative then {} else { format: 'heatmap' }),
    ]) + {
      options: {
        calculate: false,
        cellGap: 1,
        color: { mode: 'scheme', scheme: 'Oranges', steps: 64, fill: 'dark-orange', exponent: 0.5, reverse: false },
        yAxis: { axisPlacement: 'left', unit: 's' },
        rowsFrame: { layout: 'auto' },
        tooltip: { mode: 'single', yHistogram: true },
        legend: { show: true },
        filterValues: { le: 1e-9 },
        showValue: 'never',
        exemplars: { color: 'rgba(255, 0, 255, 0.7)' },
      },
    },

  // One row per series of the queries, with a column for each value: `columns` are their titles and units.
  table(title, description, label, exprs, columns)::
    local letters = [std.char(65 + i) for i in std.range(0, std.length(exprs) - 1)];
    panel('table', title, description, 'none', [
      { expr: expr, legendFormat: '__auto', instant: true, range: false, format: 'table' }
      for expr in exprs
    ]) + {
      fieldConfig+: {
        overrides: [
          { matcher: { id: 'byName', options: column[0] }, properties: [{ id: 'unit', value: column[1] }] }
          for column in columns
        ],
      },
      options: { showHeader: true, cellHeight: 'sm', frameIndex: 0 },
      transformations: [
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true },
            renameByName: label + {
              [if std.length(exprs) == 1 then 'Value' else 'Value #' + letters[i]]: columns[i][0]
              for i in std.range(0, std.length(columns) - 1)
            },
          },
        },
      ],
    },

  // Rows of panels: each row has a title, and lines of panels that share its width and height. Ids and places follow.
  layout(rows)::
    local heightOf(line) = line.height;
    local place(state, line) =
      local width = 24 / std.length(line.panels);
      state {
        y: state.y + heightOf(line),
        panels: state.panels + [
          line.panels[i] {
            id: std.length(state.panels) + i + 1,
            gridPos: { x: i * width, y: state.y, w: width, h: heightOf(line) },
          }
          for i in std.range(0, std.length(line.panels) - 1)
        ],
      };
    local lines = std.flatMap(
      function(row) [{ height: 1, panels: [{ type: 'row', title: row.title, collapsed: false, panels: [] }] }] + row.lines,
      rows
    );
    std.foldl(place, lines, { y: 0, panels: [] }).panels,
}
