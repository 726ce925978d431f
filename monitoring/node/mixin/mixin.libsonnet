// Dashboards, recording rules and alerts for any Node service, as a monitoring mixin: import this file and change `_config`.
(import 'config.libsonnet') + {
  local config = self._config,
  local groupsOf(files) = std.flatMap(function(file) file(config), files),

  grafanaDashboards+:: {
    'nodejs-http.json': (import 'dashboards/http.libsonnet')(config),
    'nodejs-runtime.json': (import 'dashboards/runtime.libsonnet')(config),
    'nodejs-process.json': (import 'dashboards/process.libsonnet')(config),
  },

  prometheusRules+:: {
    groups+: groupsOf([
      import 'rules/objectives.libsonnet',
      import 'rules/http.libsonnet',
      import 'rules/error-budget.libsonnet',
      import 'rules/process.libsonnet',
    ]),
  },

  prometheusAlerts+:: {
    groups+: groupsOf([
      import 'alerts/error-budget.libsonnet',
      import 'alerts/http.libsonnet',
      import 'alerts/runtime.libsonnet',
      import 'alerts/target.libsonnet',
    ]),
  },
}
