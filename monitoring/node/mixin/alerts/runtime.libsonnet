// Alerts on one process: event loop, heap, descriptors.
function(config)
  local alert = (import 'alert.libsonnet')(config);
  local thresholds = config.thresholds;
  local of(metric) = '%s{%s}' % [metric, config.selector];
  local used = of('nodejs_heap_size_used_bytes');
  local limit = of('nodejs_heap_size_limit_bytes');

  [{
    name: 'nodejs_runtime_alerts',
    rules: [
      alert(
        'NodejsEventLoopBlocked',
        'critical',
        'latency',
        '0m',
        '%s > %g' % [of('nodejs_eventloop_blocked_seconds'), thresholds.blockedSeconds],
        'The event loop of {{ $labels.instance }} is blocked',
        '{{ $labels.instance }} of {{ $labels.job }} has answered nothing for {{ $value | humanizeDuration }}: synchronous work blocks its event loop.'
      ),
      alert(
        'NodejsEventLoopSlow',
        'warning',
        'latency',
        '10m',
        '%s > %g' % [of('nodejs_eventloop_lag_p99_seconds'), thresholds.lagSeconds],
        'The event loop of {{ $labels.instance }} is late',
        'One callback in a hundred is {{ $value | humanizeDuration }} late on {{ $labels.instance }} of {{ $labels.job }}.'
      ),
      alert(
        'NodejsEventLoopSaturated',
        'warning',
        'saturation',
        '15m',
        '%s > %g' % [of('nodejs_eventloop_utilization'), thresholds.loopUtilization],
        '{{ $labels.instance }} is at its limit',
        'The event loop of {{ $labels.instance }} of {{ $labels.job }} is busy {{ $value | humanizePercentage }} of the time: requests wait for one another.'
      ),
      alert(
        'NodejsGarbageCollectionSlow',
        'warning',
        'saturation',
        '10m',
        'job_instance:nodejs_gc_duration_seconds:ratio_rate5m > %g' % thresholds.gcTime,
        '{{ $labels.instance }} is busy with garbage collection',
        'Garbage collection takes {{ $value | humanizePercentage }} of the time of {{ $labels.instance }} of {{ $labels.job }}.'
      ),
      alert(
        'NodejsHeapNearLimit',
        'critical',
        'saturation',
        '5m',
        'job_instance:nodejs_heap_size_used_bytes:ratio > %g' % thresholds.heap,
        'The heap of {{ $labels.instance }} is nearly full',
        '{{ $labels.instance }} of {{ $labels.job }} uses {{ $value | humanizePercentage }} of its heap limit. Node ends the process at 100 %.'
      ),
      alert(
        'NodejsHeapGrowing',
        'warning',
        'saturation',
        '15m',
        // A forecast needs its whole window: the first minutes of a process would promise anything.
        'predict_linear(%s[1h], 4 * 3600) > %s\n  and %s > 0.5 * %s\n  and %s offset 1h' % [used, limit, used, limit, used],
        '{{ $labels.instance }} runs out of heap within four hours',
        'If the heap of {{ $labels.instance }} of {{ $labels.job }} grows as in the last hour, it will be {{ $value | humanize1024 }}B in four hours, more than its limit.'
      ),
      alert(
        'NodejsDescriptorsNearLimit',
        'warning',
        'saturation',
        '5m',
        'job_instance:process_open_fds:ratio > %g' % thresholds.descriptors,
        '{{ $labels.instance }} runs out of file descriptors',
        '{{ $labels.instance }} of {{ $labels.job }} uses {{ $value | humanizePercentage }} of its file descriptors. At 100 %, connections and files are refused.'
      ),
    ],
  }]
