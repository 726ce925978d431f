// The error budgets of two objectives, over all routes of a job:
//
// - availability: requests that are not answered with a status of 5xx
// - latency: of those, the ones that take less than `latencySeconds`
//
// A burn rate of 1 uses up the budget in exactly 30 days.
local histogram = import '../histogram.libsonnet';
local httpNames = import '../http-names.libsonnet';

function(config)
  local names = httpNames[config.names];
  local answered = '%s, %s!~"5.."' % [config.selector, names.code];

  local requests = 'job_slo:http_requests:rate5m';
  local bad = 'job_slo:http_bad_requests:rate5m';
  local record(name, expr) = { record: name, expr: expr + '\n' };
  local of(slo, rule) = rule { labels: { slo: slo } };

  // Sums of samples of a rate, all at the same interval, are in proportion to the requests themselves: a busy hour weighs
  // more than a quiet one.
  local ratio(window) =
    record(
      'job_slo:http_bad_requests:ratio_rate' + window,
      'sum_over_time(%s[%s])\n  / (sum_over_time(%s[%s]) > 0)' % [bad, window, requests, window]
    );
  local burn(window) =
    record(
      'job_slo:http_error_budget:burn_rate' + window,
      'job_slo:http_bad_requests:ratio_rate%s / job_slo:http_error_budget:ratio' % window
    );
  local both(windows) = std.flatMap(function(window) [ratio(window), burn(window)], windows);

  [
    {
      name: 'nodejs_error_budget',
      rules: [
        of('availability', record(requests, 'sum by (job) (job:http_requests:rate5m)')),
        of('availability', record(bad, 'sum by (job) (job:http_requests_errors:rate5m)')),
        of('latency', record(requests, histogram.count(names.duration, answered, '5m', 'job'))),
        // Nothing if `latencySeconds` is no bound of the buckets: better no objective than one that is always met.
        of('latency', record(bad, histogram.above(config.latencySeconds, names.duration, answered, '5m', 'job'))),
        record('job_slo:http_bad_requests:ratio_rate5m', '%s\n  / (%s > 0)' % [bad, requests]),
        burn('5m'),
      ] + both(['30m', '1h', '2h', '6h']),
    },
    // Windows in which five minutes hardly show. A month holds 172,800 samples of each series.
    {
      name: 'nodejs_error_budget_long',
      interval: '5m',
      rules: both(['1d', '3d', '30d']) + [
        // 1: untouched. 0: used up. Below 0: missed.
        record('job_slo:http_error_budget:left30d', '1 - job_slo:http_error_budget:burn_rate30d'),
      ],
    },
  ]
