// Alerts on targets, and on what is missing from their scrapes.
function(config)
  local alert = (import 'alert.libsonnet')(config);
  local thresholds = config.thresholds;
  local of(metric) = '%s{%s}' % [metric, config.selector];

  // Whether a counter has grown in the last ten minutes. increase() misses the first value of one that is new.
  local grows(metric) =
    'increase(%s[10m]) > 0\n  or %s unless %s offset 10m' % [of(metric), of(metric), of(metric)];

  [{
    name: 'nodejs_target_alerts',
    rules: [
      alert(
        'NodejsServiceDown',
        'critical',
        'errors',
        '1m',
        'job:nodejs_up:sum == 0',
        'No instance of {{ $labels.job }} can be scraped',
        'Prometheus has not been able to scrape any instance of {{ $labels.job }} for a minute.'
      ),
      alert(
        'NodejsTargetDown',
        'warning',
        'errors',
        '5m',
        '%s == 0' % of('up'),
        '{{ $labels.instance }} of {{ $labels.job }} cannot be scraped',
        'Prometheus has not been able to scrape {{ $labels.instance }} of {{ $labels.job }} for five minutes: it is down, hung or unreachable.'
      ),
      alert(
        'NodejsRestarting',
        'warning',
        'errors',
        '0m',
        'changes(%s[1h]) > %g' % [of('process_start_time_seconds'), thresholds.restartsPerHour],
        '{{ $labels.instance }} of {{ $labels.job }} keeps restarting',
        '{{ $labels.instance }} of {{ $labels.job }} has restarted {{ $value }} times in an hour.'
      ),
      alert(
        'NodejsScrapeSlow',
        'warning',
        'latency',
        '5m',
        '%s > %g' % [of('scrape_duration_seconds'), thresholds.scrapeSeconds],
        'Scrapes of {{ $labels.instance }} are slow',
        'A scrape of {{ $labels.instance }} of {{ $labels.job }} takes {{ $value | humanizeDuration }}. Prometheus gives up after its scrape_timeout.'
      ),
      alert(
        'NodejsSeriesDropped',
        'warning',
        'saturation',
        '1m',
        grows('metrics_client_overflowed_updates_total'),
        '{{ $labels.metric }} of {{ $labels.instance }} has too many series',
        '{{ $labels.metric }} has reached its maxSeries on {{ $labels.instance }} of {{ $labels.job }}: updates with new label values go to its overflow series.'
      ),
      alert(
        'NodejsCollectorFailing',
        'warning',
        'errors',
        '1m',
        grows('metrics_client_collector_failures_total'),
        'The collector {{ $labels.collector }} of {{ $labels.instance }} fails',
        'The metrics of the collector {{ $labels.collector }} are missing from scrapes of {{ $labels.instance }} of {{ $labels.job }}.'
      ),
    ],
  }]
