// Requests to servers by rate, errors and duration (RED), their objectives, and the requests that the service makes.
local dashboard = import '../dashboard.libsonnet';
local histogram = import '../histogram.libsonnet';
local httpNames = import '../http-names.libsonnet';
local panels = import '../panels.libsonnet';
local query = panels.query;

function(config)
  local names = httpNames[config.names];
  local window = '$__rate_interval';
  local target = 'job="$job", instance=~"$instance"';
  local server = '%s, %s=~"$route"' % [target, names.route];
  local failed = '%s, %s=~"5.."' % [server, names.code];
  // Requests that no route matched have an empty one, for which a legend shows the whole query.
  local byRoute(expr) = query(
    'label_replace(%s, "%s", "(none)", "%s", "")' % [expr, names.route, names.route],
    '{{%s}}' % names.route
  );

  local served(by, matchers=server) = histogram.count(names.duration, matchers, window, by);
  local clientCount(by, matchers=target) = histogram.count(names.clientDuration, matchers, window, by);
  local quantile(q, by='') = histogram.quantile(q, names.duration, server, window, by);
  // A counter of failures does not exist before the first one.
  local errorRatio(by) =
    '(%s or 0 * %s)\n  / (%s > 0)' % [served(by, failed), served(by), served(by)];

  dashboard(
    config,
    'nodejs-http',
    'Requests that Node services answer: rate, errors, duration, objectives; and requests that they make.',
    [
      {
        title: 'Overview',
        lines: [{
          height: 4,
          panels: [
            panels.stat('Requests', 'Requests per second.', 'reqps', [query(served('job'), 'requests')]),
            panels.stat(
              'Errors',
              'Share of requests that were answered with a status of 5xx.',
              'percentunit',
              [query(errorRatio('job'), 'errors')],
              [[config.errorBudgets.availability, 'red']],
            ),
            panels.stat(
              'Duration',
              '99th percentile of the duration of requests.',
              's',
              [query(quantile(0.99, 'job'), 'p99')],
              [[config.latencySeconds, 'red']],
            ),
            panels.stat('In flight', 'Requests that are being answered.', 'none', [
              query('sum(%s{%s})' % [names.inFlight, target], 'in flight'),
            ]),
          ],
        }],
      },
      {
        title: 'Rate and errors',
        lines: [
          {
            height: 9,
            panels: [
              panels.graph(
                'Requests by route',
                'Requests per second.',
                'reqps',
                [byRoute(served(names.route))],
                isStacked=true,
                isLong=true,
              ),
              panels.graph(
                'Errors by route',
                'Share of requests that were answered with a status of 5xx.',
                'percentunit',
                [byRoute(errorRatio(names.route))],
                isLong=true,
              ),
            ],
          },
          {
            height: 8,
            panels: [
              panels.graph(
                'Requests by status code',
                'Requests per second. 499: the client left, or its connection broke, before it was answered.',
                'reqps',
                [query(served(names.code), '{{%s}}' % names.code)],
                isStacked=true,
              ),
              panels.graph(
                'Requests by method',
                'Requests per second.',
                'reqps',
                [query(served(names.method), '{{%s}}' % names.method)],
                isStacked=true,
              ),
              panels.graph(
                'In flight',
                'Requests that are being answered. If they pile up, the service is slower than its clients ask.',
                'none',
                [
                  query('sum by (%s) (%s{%s})' % [names.method, names.inFlight, target], '{{%s}}' % names.method),
                ],
                isStacked=true,
              ),
            ],
          },
        ],
      },
      {
        title: 'Duration',
        lines: [
          {
            height: 9,
            panels: [
              panels.graph('Percentiles', 'Duration of requests, over all routes.', 's', [
                query(quantile(0.5), 'p50'),
                query(quantile(0.95), 'p95'),
                query(quantile(0.99), 'p99'),
              ], [[config.latencySeconds, 'red']]),
              panels.graph(
                '95th percentile by route',
                'One request in twenty takes longer.',
                's',
                [byRoute(quantile(0.95, names.route))],
                isLong=true,
              ),
            ],
          },
          {
            height: 8,
            panels: [
              panels.heatmap(
                'Distribution, classic buckets',
                'How many requests took how long. Empty if the histogram is native.',
                'sum by (le) (increase(%s_bucket{%s}[%s]))' % [names.duration, server, window],
                isNative=false,
              ),
              panels.heatmap(
                'Distribution, native histogram',
                'How many requests took how long. Empty if the histogram has classic buckets.',
                'sum(increase(%s{%s}[%s]))' % [names.duration, server, window],
                isNative=true,
              ),
            ],
          },
          {
            height: 8,
            panels: [
              panels.table(
                'Routes',
                'Every route, as it is now.',
                { [names.route]: 'Route' },
                [served(names.route), errorRatio(names.route), quantile(0.5, names.route), quantile(0.95, names.route)],
                [['Requests', 'reqps'], ['Errors', 'percentunit'], ['p50', 's'], ['p95', 's']],
              ),
            ],
          },
        ],
      },
      {
        title: 'Objectives',
        lines: [{
          height: 7,
          panels: [
            panels.gauge(
              'Error budget left',
              'Of the error budget of 30 days, all routes: 100 % is untouched, 0 % is used up.',
              [query('job_slo:http_error_budget:left30d{job="$job"}', '{{slo}}')],
            ),
            panels.graph(
              'Burn rate',
              'How fast the error budget is used: at 1 it lasts 30 days, at 14.4 two days.',
              'none',
              [
                query('job_slo:http_error_budget:burn_rate1h{job="$job"}', '{{slo}}, 1 h'),
                query('job_slo:http_error_budget:burn_rate6h{job="$job"}', '{{slo}}, 6 h'),
              ],
              [[1, 'orange'], [6, 'red']],
            ),
            panels.graph('Good requests', 'Share of requests that meet the objective.', 'percentunit', [
              query('1 - job_slo:http_bad_requests:ratio_rate5m{job="$job"}', '{{slo}}'),
            ], max=1),
          ],
        }],
      },
      {
        title: 'Bodies',
        lines: [{
          height: 7,
          panels: [
            panels.graph(
              'Received',
              'Bytes per second in the bodies of requests.',
              'Bps',
              [byRoute(histogram.sum(names.requestSize, server, window, names.route))],
              isLong=true,
            ),
            panels.graph(
              'Sent',
              'Bytes per second in the bodies of responses, as they were sent.',
              'Bps',
              [byRoute(histogram.sum(names.responseSize, server, window, names.route))],
              isLong=true,
            ),
            panels.graph(
              'Mean response',
              'Mean size of the body of a response.',
              'bytes',
              [byRoute(histogram.mean(names.responseSize, server, window, names.route))],
              isLong=true,
            ),
          ],
        }],
      },
      {
        title: 'Requests that the service makes',
        lines: [{
          height: 8,
          panels: [
            panels.graph(
              'Requests by server',
              'Requests per second that the service makes.',
              'reqps',
              [query(clientCount(names.server), '{{%s}}' % names.server)],
              isStacked=true,
            ),
            panels.graph(
              'Failed requests',
              'Requests per second that got no complete response, or a status of 5xx.',
              'reqps',
              [
                query(
                  clientCount('%s, %s, %s' % [names.server, names.code, names.err], '%s, %s=~"5..|"' % [target, names.code]),
                  '{{%s}} {{%s}}{{%s}}' % [names.server, names.code, names.err]
                ),
              ],
            ),
            panels.graph('95th percentile by server', 'Duration of the requests that the service makes.', 's', [
              query(
                histogram.quantile(0.95, names.clientDuration, target, window, names.server),
                '{{%s}}' % names.server,
              ),
            ]),
            panels.graph('In flight', 'Requests that wait for the end of their response.', 'none', [
              query('sum by (%s) (%s{%s})' % [names.method, names.clientInFlight, target], '{{%s}}' % names.method),
            ]),
          ],
        }],
      },
    ],
    [{
      name: 'route',
      label: 'Route',
      metric: '{__name__=~"%s(_count)?", job="$job"}' % names.duration,
      of: names.route,
    }],
  )
