// Alerts on requests that fail for one route or one server, which the error budget of the job may hide.
local httpNames = import '../http-names.libsonnet';

function(config)
  local alert = (import 'alert.libsonnet')(config);
  local names = httpNames[config.names];
  local thresholds = config.thresholds;
  local route = 'job_' + names.route;
  local server = 'job_' + names.server;

  [{
    name: 'nodejs_http_alerts',
    rules: [
      alert(
        'NodejsRouteFailing',
        'warning',
        'errors',
        '10m',
        '%s:http_requests_errors:ratio_rate5m > %g' % [route, thresholds.routeErrors],
        'Requests to {{ $labels.%s }} of {{ $labels.job }} fail' % names.route,
        '{{ $value | humanizePercentage }} of the requests to the route "{{ $labels.%s }}" of {{ $labels.job }} are answered with a status of 5xx.' % names.route
      ),
      alert(
        'NodejsRequestsToServerFailing',
        'warning',
        'errors',
        '10m',
        '%s:http_client_requests_errors:ratio_rate5m > %g' % [server, thresholds.clientErrors],
        'Requests of {{ $labels.job }} to {{ $labels.%s }} fail' % names.server,
        '{{ $value | humanizePercentage }} of the requests that {{ $labels.job }} makes to {{ $labels.%s }} get no response, or a status of 5xx.' % names.server
      ),
    ],
  }]
