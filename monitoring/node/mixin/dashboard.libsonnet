// What the dashboards have in common: variables, links to one another, and alerts as annotations.
local panels = import 'panels.libsonnet';

local dashboards = { 'nodejs-http': 'Node: HTTP', 'nodejs-runtime': 'Node: runtime', 'nodejs-process': 'Node: process' };

local variable(name, label, metric, of, isMulti) = {
  local labelValues = 'label_values(%s, %s)' % [metric, of],
  name: name,
  label: label,
  type: 'query',
  datasource: panels.datasource,
  definition: labelValues,
  query: { query: labelValues, refId: name },
  refresh: 2,
  sort: 1,
  hide: 0,
  options: [],
  multi: isMulti,
  includeAll: isMulti,
  [if isMulti then 'allValue']: '.*',
  [if isMulti then 'current']: { text: ['All'], value: ['$__all'] },
};

// `more` are further variables: name, label, metric, and the label whose values they take.
function(config, uid, description, rows, more=[]) {
  uid: uid,
  title: dashboards[uid],
  description: description,
  tags: config.tags,
  schemaVersion: 39,
  version: 1,
  editable: true,
  graphTooltip: 1,
  liveNow: false,
  refresh: '30s',
  time: { from: 'now-1h', to: 'now' },
  timezone: 'browser',
  fiscalYearStartMonth: 0,
  weekStart: '',
  links: [
    {
      type: 'link',
      title: dashboards[other],
      url: '/d/' + other,
      icon: 'dashboard',
      keepTime: true,
      includeVars: true,
      targetBlank: false,
      asDropdown: false,
      tags: [],
      tooltip: '',
    }
    for other in std.objectFields(dashboards)
    if other != uid
  ],
  annotations: {
    list: [
      {
        builtIn: 1,
        datasource: { type: 'grafana', uid: '-- Grafana --' },
        enable: true,
        hide: true,
        iconColor: 'rgba(0, 211, 255, 1)',
        name: 'Annotations & Alerts',
        type: 'dashboard',
      },
      {
        name: 'Alerts',
        datasource: panels.datasource,
        enable: true,
        hide: false,
        iconColor: 'red',
        expr: 'ALERTS{alertname=~"Nodejs.+", alertstate="firing", job="$job"}',
        step: '60s',
        titleFormat: '{{alertname}}',
        textFormat: '{{instance}} {{slo}}',
        tagKeys: 'severity',
        useValueForTime: false,
      },
    ],
  },
  templating: {
    list: [
      {
        name: 'datasource',
        label: 'Data source',
        type: 'datasource',
        query: 'prometheus',
        regex: '',
        refresh: 1,
        hide: 0,
        multi: false,
        includeAll: false,
        options: [],
      },
      variable('job', 'Job', 'nodejs_version_info{%s}' % config.selector, 'job', false),
      variable('instance', 'Instance', 'nodejs_version_info{job="$job"}', 'instance', true),
    ] + [variable(one.name, one.label, one.metric, one.of, true) for one in more],
  },
  panels: panels.layout(rows),
}
