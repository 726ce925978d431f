// What each job promises: the share of its requests that may be bad, in 30 days.
function(config)
  local budget(slo, ratio) = {
    record: 'job_slo:http_error_budget:ratio',
    // One series for each job that is scraped.
    expr: '0 * count by (job) (up{%s}) + %g\n' % [config.selector, ratio],
    labels: { slo: slo },
  };

  [{
    name: 'nodejs_objectives',
    rules: [budget(slo, config.errorBudgets[slo]) for slo in ['availability', 'latency']],
  }]
