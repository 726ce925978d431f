import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';

/** Absolute claims of a page: words of each, the spec that attacks it, and the test. */
type Claims = Readonly<Record<string, readonly [file: string, name: string]>>;

const ATTACKS = 'server/guard/attacks';
const CREDENTIALS = 'server/guard/require-credentials';
const AUTHENTICATOR = 'server/guard/authenticator';
const HOST = 'server/guard/require-host';
const SHUTDOWN = 'server/graceful-shutdown';
const THREAD = 'thread/metrics-thread';
const EXEMPLARS = 'service/exemplar-source';
const STATSD = 'bridges/statsd/receiver';
const PUSH_LOOP = 'bridges/push-loop';
const NATIVE = 'native/native-buckets';
/** A budget of 0 bytes for an update is kept by `npm run bench:guard`. */
const BUDGETS = 'bench/guard';

/** The tests of `docs/migrating-from-prom-client.md` are listed in `migrating.test.ts`, one for each row of its tables. */
const CLAIMS: Readonly<Record<string, Claims>> = {
  'docs/security.md': {
    'no password, token, key or hash appears': [
      CREDENTIALS,
      'MetricsServer with auth says nothing of credentials in answers, warnings and metrics',
    ],
    'one client never displaces': [
      'server/http/open-connections',
      'OpenConnections closes an idle connection of the address that has too many, not one of another address',
    ],
    'they hold no slot': [
      'server/scrape/shared-scrapes',
      'Slow readers keep nobody from scraping, from their own address or another',
    ],
    'only its own families': [
      'server/scrape/scrape-limits',
      'MetricsServer serves by the scrape timeout what is ready, without the collector that is not',
    ],
    'no `Server` header': [
      ATTACKS,
      'No response of MetricsServer names its software, malformed and oversized requests included',
    ],
    'the connection ends after': [
      ATTACKS,
      'MetricsServer answers one request for bytes that two servers could split differently, and ends the connection',
    ],
    'and after `Upgrade`': [
      ATTACKS,
      'MetricsServer ends the connection after a request for an upgrade, since Node skips what follows it',
    ],
    'no path reaches': [
      ATTACKS,
      'Each path of MetricsServer has one spelling, and no other path gets anything but an error',
    ],
    'seen no password yet, only hashes': [
      AUTHENTICATOR,
      'Authenticator.decide() lets the right password in within seconds while a thousand addresses guess',
    ],
    'cannot distinguish the right password': [
      AUTHENTICATOR,
      'Authenticator.decide() lets the right password in after the guesses that were there before, if those come back as well',
    ],
    'accepts only these names': [
      HOST,
      'A server on a loopback address answers requests for names of this machine only',
    ],
    'always accepted': [
      ATTACKS,
      'MetricsServer on all interfaces accepts any IP address in Host, also beside allowedHosts',
    ],
    'no credentials, like other exporters': [
      HOST,
      'A server on all interfaces answers for any name, unless allowedHosts names them',
    ],
    'only after a restart': [
      ATTACKS,
      'MetricsServer uses the credentials that it started with, whatever becomes of the objects that held them',
    ],
  },
  'docs/server.md': {
    'never contain a password': [ATTACKS, 'No message about invalid options contains a password, token or key'],
    'from this machine only': [
      ATTACKS,
      "MetricsServer with host '127.0.0.1' cannot be reached by another address of this machine",
    ],
    'covers IPv6 only': [
      'server/guard/addresses',
      'AllowList never takes an IPv6 range for IPv4 addresses, unless it is within ::ffff:0:0/96',
    ],
    'no authentication': [HOST, 'A server on all interfaces answers for any name, unless allowedHosts names them'],
    'need no credentials': [CREDENTIALS, 'MetricsServer with auth leaves the open paths open, under no other spelling'],
    'cannot lock a scraper out': [
      HOST,
      "MetricsServer that is full closes a connection of the client with the most idle ones, not the scraper's",
    ],
    'cannot use up all connections': [
      'server/http/open-connections',
      'OpenConnections bounds the connections of one address, busy ones too, and leaves room for others',
    ],
    'reads nothing of its response': [
      'server/reliability',
      'MetricsServer closes a connection whose client takes nothing of its answers for stallTimeoutSeconds',
    ],
    'nothing is ready by the deadline': [
      'server/scrape/shared-scrapes',
      'Every wait within a scrape ends by the deadline of the scraper, whatever the gatherer does',
    ],
    'depends on no file': ['server/without-files', 'A running server depends on no file of the package'],
    'no shell history': ['cli/hash-password', 'hash-password prints the hash of the first line of standard input'],
    'never block the event loop': [ATTACKS, 'MetricsServer leaves the event loop free while it verifies passwords'],
    'probes cannot connect': [
      'server/guard/tls-server',
      'MetricsServer with clientCa lets in those only who have a certificate of that authority',
    ],
    'cannot pass for a complete one': [
      'server/scrape/scrape-handler-failures',
      'createScrapeHandler() resets an HTTP/1.0 connection, whose plain end would mean a complete scrape',
    ],
    'loses no counts': [
      SHUTDOWN,
      'gracefulShutdown() serves what was counted last to one more scrape, and ends by the signal',
    ],
    'no new work arrives': [
      SHUTDOWN,
      'gracefulShutdown() serves what was counted last to one more scrape, and ends by the signal',
    ],
    'came only once': [
      'server/scrape/scrape-schedule',
      'ScrapeSchedule.lastScrapes() waits three seconds at most for a scraper that came once',
    ],
    'nobody scrapes': [
      SHUTDOWN,
      'gracefulShutdown() ends the process at once if nobody scrapes, and at any of its signals',
    ],
    'does not cover a `gather()`': [
      ATTACKS,
      'MetricsServer frees the slot of a client that left, although its gather() goes on',
    ],
    'no new connections': [
      ATTACKS,
      'MetricsServer refuses connections from the moment it waits for requests in flight',
    ],
    'Nothing else in this package listens': [
      SHUTDOWN,
      'gracefulShutdown() is the only thing that listens to signals, and takes it back',
    ],
    'no metrics about itself': [ATTACKS, 'metricsHandler() exposes the metrics of its registry and no other'],
  },
  'docs/thread.md': {
    'costs its own families only': [
      'server/scrape/scrape-limits',
      'MetricsServer serves by the scrape timeout what is ready, without the collector that is not',
    ],
    '| `unhealthyAfterSeconds` | never |': [
      THREAD,
      'MetricsThread: /health and /ready turn 503 with the reason while the loop is blocked, if asked to',
    ],
    '| `unreadyAfterSeconds` | never |': [
      THREAD,
      'MetricsThread: /health and /ready turn 503 with the reason while the loop is blocked, if asked to',
    ],
    'when nobody scrapes': [
      THREAD,
      'MetricsThread answers while the event loop is blocked: the last report, its age, and for how long',
    ],
    'and allocates nothing': [BUDGETS, 'judge() holds nothing allocated to a budget of 0, and not one byte'],
    'no scrape meets many of them': [
      'thread/shared-churn',
      'SharedReader.catchUp() takes many series in slices, and a thread that ends meanwhile',
    ],
    'need no messages': [
      'thread/shared-memory',
      'Shared metrics of worker threads are added up without messages, and stay when threads and server end',
    ],
    'loaded only by programs that use it': ['loaded-modules', 'Importing the package loads no module of Node'],
    'no preloaded modules and no `NODE_OPTIONS`': [
      'thread/lifecycle',
      'A metrics thread loads nothing that the program preloads: it would start another',
    ],
  },
  'docs/http.md': {
    'no middleware, no patched modules': ['http/instrument-http', 'stop() removes the metrics and every listener'],
    'never the path': [
      'http/server-requests',
      'setRoute() names a route by a pattern or a function; the last call counts',
    ],
    'no route matched': [
      'http/server-requests',
      'instrumentHttp() counts each request with its method and status, and sizes of both bodies',
    ],
    'counts as no route': [
      'http/server-requests',
      'setRoute() counts without a route where it got none, and says so once',
    ],
    'returns no label value': [
      'http/instrument-http',
      'instrumentHttp() counts each request, whatever its label functions and ignore() throw or return',
    ],
    'no route and no duration': [
      'http/server-requests',
      'instrumentHttp() counts an upgrade once, as the application gets it',
    ],
  },
  'docs/bridges.md': {
    'programs that do not import it pay nothing': ['loaded-modules', 'Importing the package loads no module of Node'],
    '`OTEL_METRICS_EXPORTER=none` nothing is sent': [
      'bridges/otlp/otlp-push',
      'startOtlpPush() sends nothing while the environment variables say so',
    ],
    'sets it always, as DogStatsD does': [STATSD, 'StatsdReceiver sets gauges, and changes them by signed values'],
    '| nothing; counted |': [STATSD, 'StatsdReceiver says why a line is dropped'],
    'drops what no rule matches': ['bridges/statsd/mapping-rules', 'unmapped: "drop" drops what no rule matches'],
    'since StatsD has no authentication': [
      'bridges/statsd/statsd-server',
      'startStatsdServer() receives UDP, on loopback unless told otherwise',
    ],
    'what gets no lines is removed': [
      STATSD,
      'StatsdReceiver removes series and metrics that are idle, and has room again',
    ],
    'none if there is no change': [
      'bridges/statsd/statsd-lines',
      'statsdLines() writes changes since the last push: none, some, and all again after a restart from 0',
    ],
    'no call, no credentials, no agent port': [
      'bridges/cloudwatch',
      'startCloudwatchPush() writes to standard output, nothing else, and all of it before close() resolves',
    ],
    'so nothing piles up': [
      PUSH_LOOP,
      'PushLoop begins few pushes while a function of the program hangs, and goes on when it has ended',
    ],
    'and never thrown into the program': [
      PUSH_LOOP,
      'PushLoop reports a failure once, counts each, and throws nothing into the process',
    ],
    'only `push()` rejects with it': [
      PUSH_LOOP,
      'PushLoop.push() rejects with the failure; close() pushes a last time and does not reject',
    ],
    'and never beyond the time of the push': [
      'bridges/http-sender',
      'A bridge over HTTP gives up at its deadline, not after it, whatever Retry-After says',
    ],
    'Nothing keeps the process alive but': [
      PUSH_LOOP,
      'PushLoop keeps no process alive, but close() does until the last push has ended',
    ],
  },
  'docs/tracing.md': {
    'and pay nothing': [
      'metrics/exemplar-sources',
      'MetricsRegistry.exemplars is set before metrics are created, to a source',
    ],
    'supplies what no format can carry': [
      'metrics/exemplar-sources',
      'An exemplar source of the program may do anything: updates count, scrapes are readable, one warning',
    ],
    'that a source makes itself get no exemplar from it': [
      'metrics/exemplar-sources',
      'An exemplar source may update the metric that asks it, remove its series and scrape its registry',
    ],
    'in OpenMetrics and protobuf only': [
      EXEMPLARS,
      'exemplarsFrom() takes labels from an AsyncLocalStorage, in each format',
    ],
  },
  'docs/native-histograms.md': {
    'Only buckets with observations take memory': [
      NATIVE,
      'NativeHistogramChild.observe() keeps to maxBuckets under hostile values',
    ],
    'it stores nothing of a histogram that has native buckets': [
      'e2e/native-scrapes',
      'Prometheus that wants start times only stores the classic buckets of both forms if told so, and else nothing',
    ],
    'lose resolution only': [
      NATIVE,
      'NativeHistogramChild.bucketCounts count exactly, and never fall when the resolution is halved',
    ],
    'so that no series falls': [
      NATIVE,
      'NativeHistogramChild.bucketCounts count exactly, and never fall when the resolution is halved',
    ],
    'allocates nothing once its bucket exists': [
      BUDGETS,
      'judge() holds nothing allocated to a budget of 0, and not one byte',
    ],
    'writes only series that have changed': [
      'native/protobuf',
      'nativeBuckets() are written in protobuf as in a first scrape, whatever earlier scrapes have cached',
    ],
  },
};

/** Sentences with these words that claim nothing of this package. */
const NO_CLAIMS = [
  'bench -- --only',
  'bench:peers -- --only',
  'Put no secrets there',
  'if you prefer no data to partial data',
  // docs/thread.md
  'is blocked cannot be scraped',
  'or the loop is never blocked',
  'and only one line changes',
  'and `unhealthyAfterSeconds` only to a time after which the program never recovers',
  'only when it is over',
  'Node has no call for the stack',
  'Metrics that are not shared',
  // docs/http.md: what frameworks and Node do
  'shows the routes of refused requests only',
  'only for instances that are created afterwards',
  'why a client got no complete response',
  '| nothing |',
  'A response that nobody reads stays in flight',
  // docs/bridges.md: other systems, and what is measured by the command that it names
  'so nothing has to be measured twice',
  'that know no exponential histograms',
  'for processes that cannot be scraped',
  'a cron job needs no Pushgateway',
  'a metric name to one file only',
  'Node has no Unix datagram sockets',
  'collectd counts whole numbers only',
  'holds the loop no longer than a scrape of the same series does',
  // docs/tracing.md
  'Nothing changes where you count',
  'nobody could open them',
  'the text format has no place for them',
  // docs/native-histograms.md: PromQL, formats, what Prometheus does
  'If it takes no native histograms',
  'need no `le` and no `_bucket`',
  'Values of `le` that are no native bounds change',
  'OpenMetrics 1.0 has no form for native histograms',
  'create no function',
];

const root = packageRoot();

/** The prose of a page: its code blocks left out, each paragraph and table row on one line, each default `none` left out. */
function proseOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[^]*?```/g, '');
  return text.replace(/\n(?![\n|]|- |\d\. )\s*/g, ' ').replaceAll('| none |', '| |');
}

for (const [page, claims] of Object.entries(CLAIMS)) {
  test(`Each "never", "nobody", "nothing", "no", "always", "cannot" and "only" of ${page} is attacked by a test`, () => {
    const prose = proseOf(page);
    let rest = prose;
    for (const words of [...Object.keys(claims), ...NO_CLAIMS]) rest = rest.replaceAll(words, '');
    const unattacked = [
      ...rest.matchAll(/[^\n]{0,60}\b(never|nobody|nothing|no(?!-)|always|cannot|only)\b[^\n]{0,60}/gi),
    ];
    assert.deepEqual(
      unattacked.map(([words]) => words),
      [],
    );
  });

  test(`The claims listed here stand in ${page}, and the tests that attack them in their specs`, () => {
    const prose = proseOf(page);
    for (const [words, [file, name]] of Object.entries(claims)) {
      assert.ok(prose.includes(words), `${page} does not say "${words}"`);
      const spec = readFileSync(join(root, 'spec', `${file}.test.ts`), 'utf8');
      assert.ok(spec.includes(`'${name}'`) || spec.includes(`"${name}"`), `${file} has no test "${name}"`);
    }
  });
}
