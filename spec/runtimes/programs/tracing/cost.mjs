// What exemplars cost an update: `node cost.mjs [ROUNDS]` in an installed tree (node .ci/runtimes.mjs FOLDER).
//
// Held children of a counter and a histogram, each in a registry without a source of exemplars and in one with
// openTelemetryExemplars(), the latter outside of a span and in a sampled one. Rounds take turns. Prints nanoseconds per update:
// the fastest round and the median.

import { MetricsRegistry, Counter, Histogram } from '@finpilot/metrics/core';
import { openTelemetryExemplars } from '@finpilot/metrics/service';
import { trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const UPDATES = 200_000;
const WARM_UP = 5;
const rounds = Number(process.argv[2] ?? 60);
new NodeTracerProvider().register();
const tracer = trace.getTracer('cost');
const inSpan = (update) => () => tracer.startActiveSpan('updates', (span) => {
  update();
  span.end();
});

/** The updates of a registry of its own. Each loop is a function of its own too, or they would share what the engine has learnt. */
function updatesOf(exemplars) {
  const options = { help: 'Measured.', labelNames: ['a'], registers: [new MetricsRegistry(exemplars && { exemplars })] };
  const counter = new Counter({ ...options, name: 'measured_total' }).labels('1');
  const histogram = new Histogram({ ...options, name: 'measured_seconds' }).labels('1');
  const loop = (body) => new Function('child', `return () => { for (let i = 0; i < ${UPDATES}; i++) child.${body}; }`);
  return { counter: loop('inc()')(counter), histogram: loop('observe((i & 1023) / 100)')(histogram) };
}

const off = updatesOf(undefined);
const on = updatesOf(openTelemetryExemplars());
const cases = {
  'counter, no source': off.counter,
  'counter, no span': on.counter,
  'counter, in a sampled span': inSpan(on.counter),
  'histogram, no source': off.histogram,
  'histogram, no span': on.histogram,
  'histogram, in a sampled span': inSpan(on.histogram),
};
const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = -WARM_UP; round < rounds; round++) {
  for (const [name, run] of Object.entries(cases)) {
    const start = process.hrtime.bigint();
    run();
    if (round >= 0) times[name].push(Number(process.hrtime.bigint() - start) / UPDATES);
  }
}
console.log(`${process.version}, ns per update: fastest round, median`);
for (const [name, all] of Object.entries(times)) {
  const sorted = all.toSorted((a, b) => a - b);
  console.log(name.padEnd(30), sorted[0].toFixed(1).padStart(6), sorted[sorted.length >> 1].toFixed(1).padStart(6));
}
