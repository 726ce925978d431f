// The plain files of monitoring/node: `jsonnet -S -m monitoring/node monitoring/node/mixin/files.jsonnet`. With `--tla-str
// names=classic`, those for the classic names of HTTP metrics.
function(names='semconv')
  local mixin = (import 'mixin.libsonnet') + { _config+:: { names: names } };
  local note = '# Made from monitoring/node/mixin by jsonnet: change it there. docs/node-monitoring.md says how to use it.\n';
  local groups = mixin.prometheusRules.groups + mixin.prometheusAlerts.groups;

  {
    ['dashboards/' + name]: std.manifestJsonEx(mixin.grafanaDashboards[name], '  ') + '\n'
    for name in std.objectFields(mixin.grafanaDashboards)
  } + {
    // One file per group.
    ['rules/%s.yml' % std.strReplace(group.name, '_', '-')]:
      note + std.manifestYamlDoc({ groups: [group] }, indent_array_in_object=true, quote_keys=false) + '\n'
    for group in groups
  }
