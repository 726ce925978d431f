// What happens inside Node: event loop, heap, garbage collection, handles.
local dashboard = import '../dashboard.libsonnet';
local histogram = import '../histogram.libsonnet';
local panels = import '../panels.libsonnet';
local query = panels.query;

function(config)
  local thresholds = config.thresholds;
  local window = '$__rate_interval';
  local target = 'job="$job", instance=~"$instance"';
  local of(metric) = '%s{%s}' % [metric, target];
  local used = of('nodejs_heap_size_used_bytes');
  local limit = of('nodejs_heap_size_limit_bytes');

  dashboard(
    config,
    'nodejs-runtime',
    'Event loop, heap, garbage collection and handles of Node services.',
    [
      {
        title: 'Event loop',
        lines: [
          {
            height: 9,
            panels: [
              panels.graph(
                'Lag',
                'How late callbacks are, over the last one to two minutes. The worst of the chosen instances.',
                's',
                [
                  query('max(%s)' % of('nodejs_eventloop_lag_%s_seconds' % name), name)
                  for name in ['p50', 'p90', 'p99', 'max']
                ],
                [[thresholds.lagSeconds, 'red']],
              ),
              panels.graph(
                'Utilization',
                'Share of time that the event loop was busy. Near 1, requests wait for one another.',
                'percentunit',
                [query(of('nodejs_eventloop_utilization'), '{{instance}}')],
                [[thresholds.loopUtilization, 'red']],
                max=1,
                isLong=true,
              ),
            ],
          },
          {
            height: 8,
            panels: [
              panels.graph(
                'Blocked now',
                'How long the event loop has been blocked. Needs the metrics thread, which answers while it is.',
                's',
                [
                  query(of('nodejs_eventloop_blocked_seconds'), '{{instance}}'),
                ],
                [[thresholds.blockedSeconds, 'red']],
              ),
              panels.graph(
                'Longest block',
                'The longest time that the event loop was blocked since the start. Needs the metrics thread.',
                's',
                [
                  query(of('nodejs_eventloop_blocked_longest_seconds'), '{{instance}}'),
                ],
              ),
              panels.graph(
                'Blocks',
                'Time that the event loop spent blocked for 0.1 s or longer at a time. Needs the metrics thread.',
                'percentunit',
                [
                  query(histogram.sum('nodejs_eventloop_stall_seconds', target, window, 'instance'), '{{instance}}'),
                ],
              ),
            ],
          },
        ],
      },
      {
        title: 'Heap',
        lines: [
          {
            height: 9,
            panels: [
              panels.graph('Heap used', "Used part of V8's heap.", 'bytes', [query(used, '{{instance}}')], isLong=true),
              panels.graph(
                'Heap used of its limit',
                'Node ends with "heap out of memory" at 100 %. In four hours: if it grows as in the last hour, shown once there is an hour.',
                'percentunit',
                [
                  query('%s / %s' % [used, limit], '{{instance}}'),
                  query(
                    '(predict_linear(%s[1h], 4 * 3600) and %s offset 1h)\n  / %s' % [used, used, limit],
                    '{{instance}}, in 4 h',
                  ),
                ],
                [[thresholds.heap, 'red']],
                isLong=true,
              ),
            ],
          },
          {
            height: 8,
            panels: [
              panels.graph(
                'Heap spaces',
                'Used bytes of each space. What stays for long is in old and large_object.',
                'bytes',
                [
                  query('sum by (space) (%s)' % of('nodejs_heap_space_size_used_bytes'), '{{space}}'),
                ],
                isStacked=true,
                isLong=true,
              ),
              panels.graph(
                'Outside the heap',
                'Memory outside the heap that its objects hold, such as buffers.',
                'bytes',
                [
                  query(of('nodejs_external_memory_bytes'), '{{instance}}'),
                ],
                isLong=true,
              ),
            ],
          },
        ],
      },
      {
        title: 'Garbage collection',
        lines: [{
          height: 8,
          panels: [
            panels.graph('Time spent', 'Share of time that garbage collection takes.', 'percentunit', [
              query(histogram.sum('nodejs_gc_duration_seconds', target, window, 'kind'), '{{kind}}'),
            ], isStacked=true),
            panels.graph('Collections', 'Garbage collections per second.', 'ops', [
              query(histogram.count('nodejs_gc_duration_seconds', target, window, 'kind'), '{{kind}}'),
            ]),
            panels.graph('Pauses', '99th percentile of the duration of a collection.', 's', [
              query(histogram.quantile(0.99, 'nodejs_gc_duration_seconds', target, window, 'kind'), '{{kind}}'),
            ]),
          ],
        }],
      },
      {
        title: 'Handles',
        lines: [{
          height: 8,
          panels: [
            panels.graph('Active resources', 'What keeps the event loop alive, by type.', 'none', [
              query('sum by (type) (%s)' % of('nodejs_active_resources'), '{{type}}'),
            ], isStacked=true, isLong=true),
            panels.graph('Active handles', 'By the class of their object: sockets, servers, child processes.', 'none', [
              query('sum by (type) (%s)' % of('nodejs_active_handles'), '{{type}}'),
            ], isStacked=true, isLong=true),
            panels.graph(
              'Active requests',
              'Operations that wait for the system: files, DNS, connects, writes.',
              'none',
              [
                query('sum(%s)' % of('nodejs_active_requests_total'), 'requests'),
              ],
            ),
          ],
        }],
      },
    ],
  )
