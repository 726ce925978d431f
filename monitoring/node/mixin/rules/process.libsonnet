// Each instance's use of what it has, and sums over a job.
local histogram = import '../histogram.libsonnet';

function(config)
  local of(metric) = '%s{%s}' % [metric, config.selector];
  local record(name, expr) = { record: name, expr: expr + '\n' };

  [{
    name: 'nodejs_process',
    rules: [
      record('job:nodejs_up:sum', 'sum by (job) (%s)' % of('up')),
      record('job:nodejs_up:count', 'count by (job) (%s)' % of('up')),
      record(
        'job_instance:process_cpu_seconds:rate5m',
        'sum by (job, instance) (rate(%s[5m]))' % of('process_cpu_seconds_total'),
      ),
      record('job:process_cpu_seconds:rate5m', 'sum by (job) (job_instance:process_cpu_seconds:rate5m)'),
      record('job:process_resident_memory_bytes:sum', 'sum by (job) (%s)' % of('process_resident_memory_bytes')),
      record(
        'job_instance:process_open_fds:ratio',
        'sum by (job, instance) (%s)\n  / sum by (job, instance) (%s)' % [of('process_open_fds'), of('process_max_fds')],
      ),
      record(
        'job_instance:nodejs_heap_size_used_bytes:ratio',
        'sum by (job, instance) (%s)\n  / sum by (job, instance) (%s)' % [of('nodejs_heap_size_used_bytes'), of('nodejs_heap_size_limit_bytes')]
      ),
      record(
        'job_instance:nodejs_gc_duration_seconds:ratio_rate5m',
        histogram.sum('nodejs_gc_duration_seconds', config.selector, '5m', 'job, instance')
      ),
    ],
  }]
