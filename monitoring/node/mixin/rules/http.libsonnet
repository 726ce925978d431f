// Rates, errors and percentiles of HTTP requests, by route and by job; of those that a service makes, by server.
local histogram = import '../histogram.libsonnet';
local httpNames = import '../http-names.libsonnet';

function(config)
  local names = httpNames[config.names];
  local target = config.selector;
  local server = names.server;

  // Levels are labels: `job_http_route` of `job, http_route`.
  local byRoute = 'job, ' + names.route;
  local ofRoute = 'job_' + names.route;
  local byServer = 'job, ' + server;
  local ofServer = 'job_' + server;

  local record(name, expr) = { record: name, expr: expr + '\n' };

  // A failure has no series before the first one: `or 0 *` makes that a rate of 0 instead of nothing.
  local failures(level, by, requests, metric, matchers) =
    record(
      '%s:%s_errors:rate5m' % [level, requests],
      '%s\n  or 0 * %s:%s:rate5m' % [histogram.count(metric, '%s, %s' % [target, matchers], '5m', by), level, requests]
    );
  local ratio(level, requests) =
    record(
      '%s:%s_errors:ratio_rate5m' % [level, requests],
      '%s:%s_errors:rate5m\n  / (%s:%s:rate5m > 0)' % [level, requests, level, requests]
    );
  local percentiles(level, by, metric) = [
    record('%s:%s:p%d_rate5m' % [level, metric, q * 100], histogram.quantile(q, metric, target, '5m', by))
    for q in [0.5, 0.95, 0.99]
  ];

  local requests = [
    record(ofRoute + ':http_requests:rate5m', histogram.count(names.duration, target, '5m', byRoute)),
    failures(ofRoute, byRoute, 'http_requests', names.duration, '%s=~"5.."' % names.code),
    ratio(ofRoute, 'http_requests'),
    record('job:http_requests:rate5m', 'sum by (job) (%s:http_requests:rate5m)' % ofRoute),
    record('job:http_requests_errors:rate5m', 'sum by (job) (%s:http_requests_errors:rate5m)' % ofRoute),
    ratio('job', 'http_requests'),
  ];
  local clientRequests = [
    record(ofServer + ':http_client_requests:rate5m', histogram.count(names.clientDuration, target, '5m', byServer)),
    // A request that got no response has an empty status code.
    failures(ofServer, byServer, 'http_client_requests', names.clientDuration, '%s=~"5..|"' % names.code),
    ratio(ofServer, 'http_client_requests'),
  ];

  [{
    name: 'nodejs_http',
    rules: requests
           + clientRequests
           + percentiles(ofRoute, byRoute, names.duration)
           + percentiles('job', 'job', names.duration)
           + percentiles(ofServer, byServer, names.clientDuration),
  }]
