// The plain files of monitoring/node: `jsonnet -S -m monitoring/node monitoring/node/mixin/files.jsonnet`. With `--tla-str
// names=classic`, those for the classic names of HTTP metrics.
function(names='semconv')
  local mixin = (import 'mixin.libsonnet') + { _config+:: { names: names } };
  local note = '# Made from monitoring/node/mixin by jsonnet: change it there. docs/node-monitoring.md says how to use it.\n';
  local groups = mixin.prometheusRules.groups + mixin.prometheusAlerts.groups;
  // std looks at each character of a text, and of a key whether it needs quotes, which takes half a minute. In a list, texts are
  // escaped natively; our keys are words.
  local quick = std + { escapeStringJson(text):: std.substr('' + [text], 1, std.length('' + [text]) - 2) };
  local keysOf(value) =
    if std.isObject(value) then std.objectFields(value) + std.flatMap(function(key) keysOf(value[key]), std.objectFields(value))
    else if std.isArray(value) then std.flatMap(keysOf, value)
    else [];
  local withBareKey(text, key) = std.strReplace(text, '"%s":' % key, key + ':');
  local yaml(value) =
    std.foldl(withBareKey, std.set(keysOf(value)), quick.manifestYamlDoc(value, indent_array_in_object=true)) + '\n';

  {
    ['dashboards/' + name]: quick.manifestJsonEx(mixin.grafanaDashboards[name], '  ') + '\n'
    for name in std.objectFields(mixin.grafanaDashboards)
  } + {
    // One file per group.
    ['rules/%s.yml' % std.strReplace(group.name, '_', '-')]: note + yaml({ groups: [group] })
    for group in groups
  }
