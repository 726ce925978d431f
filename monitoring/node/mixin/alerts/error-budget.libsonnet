// Alerts on error budgets. Each asks for a burn rate over a long window, so that it is worth an alert, and over a twelfth of
// it, so that it still goes on (The Site Reliability Workbook, chapter 5).
function(config)
  local alert = (import 'alert.libsonnet')(config);

  local burn(factor, long, short, duration, severity, used) = alert(
    'NodejsErrorBudgetBurn%dx' % factor,
    severity,
    'errors',
    duration,
    'job_slo:http_error_budget:burn_rate%s > %g\n  and job_slo:http_error_budget:burn_rate%s > %g' % [long, factor, short, factor],
    '{{ $labels.job }} uses its error budget of {{ $labels.slo }} more than %g times too fast' % factor,
    'Over the last %s, requests to {{ $labels.job }} missed the objective {{ $labels.slo }} {{ $value | humanize }} times as often as its error budget allows: %s.'
    % [long, used],
  );

  [{
    name: 'nodejs_error_budget_alerts',
    rules: [
      burn(14.4, '1h', '5m', '2m', 'critical', 'more than 2 % of the budget of 30 days is used in an hour'),
      burn(6, '6h', '30m', '15m', 'critical', 'more than 5 % of the budget of 30 days is used in six hours'),
      burn(3, '1d', '2h', '1h', 'warning', 'more than 10 % of the budget of 30 days is used in a day'),
      burn(1, '3d', '6h', '3h', 'warning', 'the budget of 30 days will not last'),
    ],
  }]
