import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processFacts } from '../../../lib/page/text/process-facts.ts';
import { scraped } from '../scraped.ts';

const exposition = (cpuSeconds: number): string => `# TYPE app_build_info gauge
app_build_info{version="0.1.0",revision="unknown",node_version="v24.1.0"} 1
# TYPE other_build_info gauge
other_build_info{goversion="go1"} 1
# TYPE nodejs_version_info gauge
nodejs_version_info{version="v24.1.0",major="24"} 1
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1000
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total ${cpuSeconds}
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 123456789
# TYPE nodejs_eventloop_lag_p99_seconds gauge
nodejs_eventloop_lag_p99_seconds NaN
`;

test('processFacts() shows the standard metrics, and leaves out those that are missing', () => {
  const facts = processFacts(scraped([exposition(1), exposition(2.25)]), 1000 + 11_520);
  assert.deepEqual(
    facts.map(([term, text]) => `${term}: ${text.replaceAll('\u00a0', ' ')}`),
    ['app: 0.1.0', 'Node.js: v24.1.0', 'Uptime: 3 h 12 min', 'CPU: 25 %', 'Memory: 123 MB'],
  );
});

test('processFacts() is empty without these metrics', () => {
  assert.deepEqual(processFacts(scraped(['a 1\n']), 1000), []);
});
