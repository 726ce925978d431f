import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from './support/package-root.ts';

// Functions that programs pass may throw, return anything, or never settle. The reports of the public surface in docs/api list
// them, so a new one is noticed here.

/** The spec that attacks a function, and its test. */
type Attack = readonly [file: string, name: string];

const THROWN = 'registry/thrown-values';
const TIMED: Attack = [THROWN, 'countErrors(), time() and trackInProgress() pass any thrown value on as it is'];
const COLLECTED: Attack = [
  THROWN,
  'MetricsRegistry.gather() leaves out what throws any value, counts it, and warns of it in bounded text',
];
const GATHERED: Attack = [
  'aggregate/hung-gatherers',
  'Reporter survives whatever a gatherer does, counts go on, and no report is sent without end',
];
const HEADERS: Attack = [
  'bridges/http-sender',
  'A bridge over HTTP rejects with what its headers hook threw, whatever that is',
];
const SUPPLIED: Attack = [
  'metrics/exemplar-sources',
  'An exemplar source of the program may do anything: updates count, scrapes are readable, one warning',
];
const SHUT_DOWN: Attack = [
  'server/graceful-shutdown',
  'gracefulShutdown() ends the process by the signal, whatever close() of the server and finishWork() do',
];

/** By the name of the option, method or type. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  write: [
    'bridges/cloudwatch',
    'startCloudwatchPush() gives up on a write that hangs, begins no other, and counts nothing twice',
  ],
  countErrors: TIMED,
  trackInProgress: TIMED,
  value: COLLECTED,
  collect: COLLECTED,
  CollectFunction: COLLECTED,
  get: [
    'prom-client/foreign-metric',
    'an object with get() that fails, or returns what cannot be exposed, costs only its own family',
  ],
  reset: ['prom-client/foreign-metric', 'Registry.resetMetrics() resets every metric though the reset() of one throws'],
  gather: GATHERED,
  prepare: [
    'aggregate/hostile-messages',
    'Reporter.begin() loads what reports need, and survives a registry that cannot',
  ],
  next: SUPPLIED,
  read: SUPPLIED,
  exemplarsFrom: [
    'service/exemplar-source',
    'exemplarsFrom() reports once what its function throws and labels that are invalid; updates count',
  ],
  getActiveSpan: [
    'service/exemplar-source',
    'exemplarsFrom() reports once what its function throws and labels that are invalid; updates count',
  ],
  now: ['finpilot/error-rate', 'ErrorRate counts on whatever its clock throws or returns'],
  HealthStatusCheck: [
    'finpilot/health-status',
    'HealthStatus.report() sets 1 unless the check returns or resolves to false, throws or rejects',
  ],
  HealthCheck: [THROWN, 'HealthChecks.report() says of any thrown value that the check is failing, in bounded text'],
  ignore: [
    'http/instrument-http',
    'instrumentHttp() counts each request, whatever its label functions and ignore() throw or return',
  ],
  labels: [
    'http/instrument-http',
    'instrumentHttp() counts each request, whatever its label functions and ignore() throw or return',
  ],
  setRoute: [
    'http/instrument-http',
    'setRoute() takes whatever a function returns for no route, unless it is a pattern',
  ],
  credentials: HEADERS,
  HeadersHook: HEADERS,
  PushCallback: ['push/pushgateway', 'Pushgateway reports what a callback throws or rejects with as a warning'],
  finishWork: SHUT_DOWN,
};

/** Functions that this package returns or has, and programs call. */
const OURS = ['AggregatorFunction', 'RequestHandler'];

/** Interfaces of objects that programs pass, of which every method is called. */
const PASSED = ['Collector', 'ExemplarSource', 'ForeignMetric', 'Gatherer', 'Metric', 'SentryWithSpans'];

const root = packageRoot();

/** The names of all functions that programs can pass, by the reports of the public surface. */
function passedFunctions(): Set<string> {
  const names = new Set<string>();
  for (const report of readdirSync(join(root, 'docs', 'api')).filter((file) => file.endsWith('.md'))) {
    let isPassed = false;
    for (const line of readFileSync(join(root, 'docs', 'api', report), 'utf8').split('\n')) {
      const declared = /^export (?:interface|class|type|function|declare|abstract) ?(\w+)?/.exec(line)?.[1];
      if (/^\S/.test(line)) isPassed = PASSED.includes(declared ?? '');
      const method = /^ {4}(\w+)\??\(/.exec(line)?.[1];
      if (isPassed && method !== undefined) names.add(method);
      // A function type, not that of a function which is returned.
      if (!/=> /.test(line.replace(/\): \(.*=> .*$/, ''))) continue;
      names.add(declared ?? /^ +(?:readonly |static )?(\w+)/.exec(line)![1]!);
    }
  }
  return names;
}

test('Each function that a program can pass is attacked by a test', () => {
  const passed = passedFunctions();
  for (const name of [...Object.keys(ATTACKS), ...OURS]) passed.delete(name);
  assert.deepEqual([...passed], []);
});

test('The functions listed here are public, and the tests that attack them in their specs', () => {
  const passed = passedFunctions();
  for (const [name, [file, title]] of Object.entries(ATTACKS)) {
    assert.ok(passed.has(name), `docs/api has no function "${name}"`);
    const spec = readFileSync(join(root, 'spec', `${file}.test.ts`), 'utf8');
    assert.ok(spec.includes(`'${title}'`), `${file} has no test "${title}"`);
  }
});
