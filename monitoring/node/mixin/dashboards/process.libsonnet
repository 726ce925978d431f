// What a process takes from its machine: utilization, saturation and errors (USE) of CPU, memory and descriptors.
local dashboard = import '../dashboard.libsonnet';
local panels = import '../panels.libsonnet';
local query = panels.query;

function(config)
  local thresholds = config.thresholds;
  local window = '$__rate_interval';
  local target = 'job="$job", instance=~"$instance"';
  local of(metric) = '%s{%s}' % [metric, target];
  local rate(metric) = 'rate(%s[%s])' % [of(metric), window];
  local resident = of('process_resident_memory_bytes');

  dashboard(
    config,
    'nodejs-process',
    'Processes of Node services: utilization, saturation and errors of CPU, memory and descriptors.',
    [
      {
        title: 'Overview',
        lines: [{
          height: 4,
          panels: [
            panels.stat('Instances up', 'Instances that were scraped, and instances that Prometheus knows.', 'none', [
              query('sum(%s)' % of('up'), 'up'),
              query('count(%s)' % of('up'), 'of'),
            ]),
            panels.stat('Up for', 'Time since the youngest process started.', 's', [
              query('time() - max(%s)' % of('process_start_time_seconds'), 'up for'),
            ]),
            panels.stat('Restarts', 'In the range of the dashboard.', 'none', [
              query('sum(changes(%s[$__range]))' % of('process_start_time_seconds'), 'restarts'),
            ], [[1, 'orange']]),
            panels.stat('Alerts', 'Firing alerts of this job.', 'none', [
              query('count(ALERTS{alertname=~"Nodejs.+", alertstate="firing", job="$job"}) or vector(0)', 'firing'),
            ], [[1, 'red']]),
          ],
        }],
      },
      {
        title: 'CPU',
        lines: [{
          height: 8,
          panels: [
            panels.graph('Utilization', 'Cores that the processes use, all threads.', 'none', [
              query('sum by (instance) (%s)' % rate('process_cpu_seconds_total'), '{{instance}}'),
            ], isLong=true),
            panels.graph(
              'User and system',
              'Cores, over the chosen instances. Much system time points at sockets, files or memory.',
              'none',
              [
                query('sum(%s)' % rate('process_cpu_user_seconds_total'), 'user'),
                query('sum(%s)' % rate('process_cpu_system_seconds_total'), 'system'),
              ],
              isStacked=true,
            ),
            panels.graph(
              'Saturation',
              'How late one callback in a hundred is: it waits for the only thread that runs JavaScript.',
              's',
              [
                query(of('nodejs_eventloop_lag_p99_seconds'), '{{instance}}'),
              ],
              [[thresholds.lagSeconds, 'red']],
              isLong=true,
            ),
          ],
        }],
      },
      {
        title: 'Memory',
        lines: [{
          height: 8,
          panels: [
            panels.graph(
              'Resident memory',
              'In 4 h: if it grows as in the last hour, shown once there is an hour.',
              'bytes',
              [
                query(resident, '{{instance}}'),
                query('predict_linear(%s[1h], 4 * 3600) and %s offset 1h' % [resident, resident], '{{instance}}, in 4 h'),
              ],
              isLong=true,
            ),
            panels.graph(
              'Parts',
              "Over the chosen instances: V8's heap, memory that its objects hold outside it, and the rest of the resident memory.",
              'bytes',
              [
                query('sum(%s)' % of('nodejs_heap_size_total_bytes'), 'heap'),
                query('sum(%s)' % of('nodejs_external_memory_bytes'), 'external'),
                query(
                  'clamp_min(sum(%s) - sum(%s) - sum(%s), 0)' % [
                    resident,
                    of('nodejs_heap_size_total_bytes'),
                    of('nodejs_external_memory_bytes'),
                  ],
                  'rest'
                ),
              ],
              isStacked=true,
            ),
          ],
        }],
      },
      {
        title: 'Descriptors and threads',
        lines: [{
          height: 8,
          panels: [
            panels.graph(
              'Descriptors used of their limit',
              'At 100 %, connections and files are refused with EMFILE.',
              'percentunit',
              [
                query('%s / %s' % [of('process_open_fds'), of('process_max_fds')], '{{instance}}'),
              ],
              [[thresholds.descriptors, 'red']],
              isLong=true,
            ),
            panels.graph(
              'Open descriptors',
              'Sockets, files and pipes.',
              'none',
              [query(of('process_open_fds'), '{{instance}}')],
              isLong=true,
            ),
            panels.graph(
              'Threads',
              'Threads of the operating system: those of the pool, of V8, and worker threads.',
              'none',
              [
                query(of('process_threads'), '{{instance}}'),
              ],
              isLong=true,
            ),
          ],
        }],
      },
      {
        title: 'Scrapes',
        lines: [
          {
            height: 8,
            panels: [
              panels.graph(
                'Samples',
                'Samples of one scrape. A steady rise points at a label with unbounded values.',
                'short',
                [
                  query(of('scrape_samples_scraped'), '{{instance}}'),
                ],
                isLong=true,
              ),
              panels.graph('Scrape duration', 'Prometheus gives up after its `scrape_timeout`, 10 s by default.', 's', [
                query(of('scrape_duration_seconds'), '{{instance}}'),
              ], [[thresholds.scrapeSeconds, 'red']], isLong=true),
            ],
          },
          {
            height: 7,
            panels: [
              panels.graph(
                'Dropped series',
                'Updates that went to an `overflow` series, since a metric had reached its `maxSeries`.',
                'ops',
                [
                  query('sum by (metric) (%s)' % rate('metrics_client_overflowed_updates_total'), '{{metric}}'),
                ],
              ),
              panels.graph(
                'Collector failures',
                'Collectors that threw, took too long or returned invalid families.',
                'ops',
                [
                  query('sum by (collector) (%s)' % rate('metrics_client_collector_failures_total'), '{{collector}}'),
                ],
              ),
              panels.table(
                'Versions',
                'Versions of Node, and how many instances run each.',
                { version: 'Node' },
                ['count by (version) (%s)' % of('nodejs_version_info')],
                [['Instances', 'none']],
              ),
            ],
          },
        ],
      },
    ],
  )
