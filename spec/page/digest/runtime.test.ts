import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockedLoop, runtimeFacts } from '../../../lib/page/digest/runtime.ts';
import { scraped } from '../scraped.ts';

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

const collections = (kind: string, short: number, long: number, sum: number): string =>
  `nodejs_gc_duration_seconds_bucket{kind="${kind}",le="0.001"} ${short}
nodejs_gc_duration_seconds_bucket{kind="${kind}",le="0.1"} ${short + long}
nodejs_gc_duration_seconds_bucket{kind="${kind}",le="+Inf"} ${short + long}
nodejs_gc_duration_seconds_sum{kind="${kind}"} ${sum}
nodejs_gc_duration_seconds_count{kind="${kind}"} ${short + long}
`;

const exposition = (short: number, long: number): string => `# TYPE nodejs_version_info gauge
nodejs_version_info{version="v24.1.0",major="24"} 1
# TYPE nodejs_eventloop_lag_p99_seconds gauge
nodejs_eventloop_lag_p99_seconds 0.035
# TYPE nodejs_eventloop_utilization gauge
nodejs_eventloop_utilization 0.22
# TYPE nodejs_heap_size_used_bytes gauge
nodejs_heap_size_used_bytes 24.2e6
# TYPE nodejs_gc_duration_seconds histogram
${collections('minor', short, 0, short * 0.0005)}${collections('major', 0, long, long * 0.05)}`;

test('runtimeFacts() shows lag, use, heap, and garbage collections of all kinds together', () => {
  const facts = runtimeFacts(scraped([exposition(0, 0), exposition(100, 10)]));
  assert.deepEqual(
    facts.map(({ term, text }) => `${term}: ${spaced(text)}`),
    [
      'Node.js: v24.1.0',
      'Event loop lag, p99: 35 ms',
      'Event loop use: 22 %',
      'Heap used: 24.2 MB',
      // (100 × 0.5 ms + 10 × 50 ms) in 5 s.
      'GC time: 11 %',
      // Rank 108.9 of 110: 8.9 tenths of the bucket from 1 to 100 ms.
      'GC pause, p99: 89.1 ms',
    ],
  );
  const { trend = [] } = facts.find(({ term }) => term === 'GC time')!;
  assert.ok(Number.isNaN(trend[0]));
  assert.equal(trend[1]?.toFixed(6), '0.110000');
});

test('runtimeFacts() is empty without these metrics, and has no pause before the first collection', () => {
  assert.deepEqual(runtimeFacts(scraped(['a 1\n'])), []);
  const facts = runtimeFacts(scraped([exposition(3, 3)]));
  assert.equal(facts.at(-1)!.text, '–');
  assert.equal(spaced(facts.at(-2)!.text), '0 %');
});

const blocked = (
  seconds: number,
  longest: number,
  ageSeconds: number,
): string => `nodejs_eventloop_blocked_seconds ${seconds}
nodejs_eventloop_blocked_longest_seconds ${longest}
metrics_thread_report_age_seconds ${ageSeconds}
# TYPE nodejs_eventloop_stall_seconds histogram
nodejs_eventloop_stall_seconds_bucket{le="1"} 2
nodejs_eventloop_stall_seconds_bucket{le="+Inf"} 3
nodejs_eventloop_stall_seconds_sum 31
nodejs_eventloop_stall_seconds_count 3
`;

test('runtimeFacts() shows what a metrics thread says of stalls', () => {
  const facts = runtimeFacts(scraped([blocked(0, 30, 0)]));
  assert.deepEqual(
    facts.map(({ term, text }) => `${term}: ${spaced(text)}`),
    ['Blocked: 0 s', 'Longest blocked: 30 s, 3 stalls'],
  );
});

test('blockedLoop() describes a loop that is blocked now, from one second on', () => {
  const described = blockedLoop(scraped([blocked(12, 30, 12)]));
  assert.equal(spaced(described!.title), 'Event loop blocked for 12 s');
  assert.equal(
    spaced(described!.text),
    'The longest time since the start was 30 s. Metrics that are not shared are 12 s old.',
  );
  assert.equal(blockedLoop(scraped([blocked(30, 30, 0)]))!.text, '');
  assert.equal(blockedLoop(scraped([blocked(0.9, 30, 12)])), undefined);
  assert.equal(blockedLoop(scraped([blocked(NaN, 30, 12)])), undefined);
  assert.equal(blockedLoop(scraped(['a 1\n'])), undefined);
  // The last scrape counts.
  assert.equal(blockedLoop(scraped([blocked(12, 30, 12), blocked(0, 30, 0)])), undefined);
});

test('runtimeFacts() takes the pauses of garbage collections only from kinds of the same bounds, and shows no NaN', () => {
  const other = (count: number): string => `nodejs_gc_duration_seconds_bucket{kind="weakcb",le="7"} ${count}
nodejs_gc_duration_seconds_bucket{kind="weakcb",le="+Inf"} ${count}
nodejs_gc_duration_seconds_sum{kind="weakcb"} NaN
nodejs_gc_duration_seconds_count{kind="weakcb"} ${count}
`;
  const texts = runtimeFacts(scraped([exposition(0, 0) + other(0), exposition(100, 10) + other(900)])).map(
    ({ term, text }) => `${term}: ${spaced(text)}`,
  );
  assert.deepEqual(texts.slice(-2), ['GC time: –', 'GC pause, p99: 89.1 ms']);
});
