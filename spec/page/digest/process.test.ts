import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processFacts } from '../../../lib/page/digest/process.ts';
import { scraped } from '../scraped.ts';

const exposition = (cpuSeconds: number): string => `# TYPE app_build_info gauge
app_build_info{version="0.1.0",revision="unknown",node_version="v24.1.0"} 1
# TYPE other_build_info gauge
other_build_info{goversion="go1"} 1
# TYPE build_info gauge
build_info{version="7",revision="abc123"} 1
# TYPE target_info gauge
target_info{service_name="orders",service_version="1.2.3"} 1
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1000
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total ${cpuSeconds}
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 123456789
# TYPE process_open_fds gauge
process_open_fds 40
# TYPE process_max_fds gauge
process_max_fds 1024
# TYPE process_virtual_memory_bytes gauge
process_virtual_memory_bytes NaN
`;

test('processFacts() shows the standard metrics, with a trend of those that change', () => {
  const facts = processFacts(scraped([exposition(1), exposition(2.25)]), 1000 + 11_520);
  assert.deepEqual(
    facts.map(({ term, text }) => `${term}: ${text.replaceAll('\u00a0', ' ')}`),
    [
      'orders: 1.2.3',
      'app: 0.1.0',
      'Build: 7, abc123',
      'Uptime: 3 h 12 min',
      'CPU: 25 %',
      'Memory: 123 MB',
      'Open files, of 1,024: 40',
    ],
  );
  assert.deepEqual(facts.find(({ term }) => term === 'CPU')!.trend, [NaN, 0.25]);
  assert.deepEqual(facts.find(({ term }) => term === 'Memory')!.trend, [123456789, 123456789]);
});

test('processFacts() leaves out what is missing, unknown or NaN', () => {
  assert.deepEqual(processFacts(scraped(['a 1\n']), 1000), []);
  const odd = `# TYPE process_start_time_seconds gauge
process_start_time_seconds NaN
# TYPE process_open_fds gauge
process_open_fds NaN
# TYPE target_info gauge
target_info{service_name="orders"} 1
`;
  assert.deepEqual(processFacts(scraped([odd]), 1000), []);
});
