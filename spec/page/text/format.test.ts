import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSpan, formatValue, type Unit, unitOf } from '../../../lib/page/text/format.ts';

test('unitOf() takes the last word of a name, before _total', () => {
  for (const [name, unit] of [
    ['scan_duration_seconds', 'seconds'],
    ['process_cpu_seconds_total', 'seconds'],
    ['s_seconds_sum', 'seconds'],
    ['process_resident_memory_bytes', 'bytes'],
    ['training_progress_ratio', 'ratio'],
    ['nodejs_eventloop_utilization', 'ratio'],
    ['cpu_percent', 'percent'],
    ['room_celsius', 'celsius'],
    ['requests_total', 'none'],
    ['error_rate', 'none'],
    ['constructor', 'none'],
    ['bytes_received', 'none'],
  ] as const) {
    assert.equal(unitOf(name), unit, name);
  }
});

test('unitOf() recognises timestamps, and does not take times that add up for them', () => {
  assert.equal(unitOf('process_start_time_seconds'), 'timestamp');
  assert.equal(unitOf('backup_last_success_timestamp_seconds'), 'timestamp');
  assert.equal(unitOf('nodejs_eventloop_time_seconds_total'), 'seconds');
});

test('unitOf() prefers the unit in the exposition to the name', () => {
  assert.equal(unitOf('size', 'bytes'), 'bytes');
  assert.equal(unitOf('distance_parsecs', 'parsecs'), 'none');
});

/** Number, unit and expected text, with ordinary spaces in place of the non-breaking ones. */
const CASES: readonly (readonly [number, Unit, string])[] = [
  [0, 'none', '0'],
  [3, 'none', '3'],
  [-3, 'none', '−3'],
  [1532, 'none', '1,532'],
  [999_999, 'none', '999,999'],
  [12345.67, 'none', '12,346'],
  [0.1 + 0.2, 'none', '0.3'],
  [0.000012345, 'none', '1.23e−5'],
  [1e6, 'none', '1 M'],
  [1_999_999, 'none', '2 M'],
  [123_456_789, 'none', '123 M'],
  [2.5e9, 'none', '2.5 G'],
  [NaN, 'none', 'NaN'],
  [Infinity, 'bytes', '∞'],
  [-Infinity, 'seconds', '−∞'],
  [0, 'seconds', '0 s'],
  [0.0041, 'seconds', '4.1 ms'],
  [0.000999, 'seconds', '999 µs'],
  [0.0009999, 'seconds', '1 ms'],
  [3e-9, 'seconds', '3 ns'],
  [2e-11, 'seconds', '0.02 ns'],
  [59.94, 'seconds', '59.9 s'],
  [59.96, 'seconds', '1 min'],
  [5400, 'seconds', '1.5 h'],
  [864_000, 'seconds', '10 d'],
  [0, 'bytes', '0 B'],
  [512, 'bytes', '512 B'],
  [0.5, 'bytes', '0.5 B'],
  [12_345_678, 'bytes', '12.3 MB'],
  [999_900, 'bytes', '1 MB'],
  [1.8e16, 'bytes', '18 PB'],
  [0.87, 'ratio', '87 %'],
  [0.1234, 'ratio', '12.3 %'],
  [1, 'ratio', '100 %'],
  [12.5, 'percent', '12.5 %'],
  [21.5, 'celsius', '21.5 °C'],
  [1_700_000_000, 'timestamp', '2023-11-14 22:13:20 UTC'],
  [9e12, 'timestamp', '9000000000000'],
];

for (const [value, unit, text] of CASES) {
  test(`formatValue(${value}, '${unit}') is ${text}`, () => {
    assert.equal(formatValue(value, unit).replaceAll('\u00a0', ' '), text);
  });
}

test('formatSpan() shows the two largest units', () => {
  for (const [seconds, text] of [
    [-1, '0 s'],
    [0.9, '0 s'],
    [45, '45 s'],
    [60, '1 min'],
    [125, '2 min 5 s'],
    [11_520, '3 h 12 min'],
    [3601, '1 h'],
    [90_000, '1 d 1 h'],
  ] as const) {
    assert.equal(formatSpan(seconds).replaceAll('\u00a0', ' '), text);
  }
});
