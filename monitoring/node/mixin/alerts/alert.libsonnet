// An alert. `signal` is one of the four golden signals: latency, traffic, errors, saturation.
function(config)
  function(name, severity, signal, duration, expr, summary, description) {
    alert: name,
    expr: expr + '\n',
    'for': duration,
    labels: { severity: severity, signal: signal },
    annotations: {
      summary: summary,
      description: description,
      runbook_url: config.runbook + std.asciiLower(name),
    },
  }
