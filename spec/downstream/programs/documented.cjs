'use strict';

// What the README and the types of prom-client document, one assertion or more for each sentence: `node documented.cjs MODULE`
// prints as JSON, for each sentence, nothing or the message of the assertion that failed on that library.

const assert = require('node:assert/strict');
const { createServer, Agent } = require('node:http');
const client = require(process.argv[2]);

const { Counter, Gauge, Histogram, Summary, Registry } = client;
const KINDS = { counter: Counter, gauge: Gauge, histogram: Histogram, summary: Summary };
const UPDATES = { counter: 'inc', gauge: 'set', histogram: 'observe', summary: 'observe' };

/** A registry, and a function for each class that creates a metric `m` in it. */
function create(contentType) {
  const registry = new Registry(contentType);
  const each = Object.entries(KINDS).map(([kind, Class]) => [
    kind,
    (options) => new Class({ name: 'm', help: 'M.', registers: [registry], ...options }),
  ]);
  return { registry, ...Object.fromEntries(each) };
}

/** The samples of a text, without comments. */
const samples = (text) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const values = async (metric) => (await metric.get()).values;
const valueOf = async (metric) => (await values(metric))[0].value;
const labelsOf = async (metric) => (await values(metric)).map(({ labels }) => labels);
/** The value of a sample of a histogram or summary, by the end of its name. */
const partOf = async (metric, suffix) => (await values(metric)).find(({ metricName }) => metricName === `m${suffix}`).value;
const isSeconds = (value) => typeof value === 'number' && value >= 0 && value < 60;
const everyKind = (check) => Promise.all(Object.keys(KINDS).map((kind) => check(kind)));

const documented = {
  // ---- metrics
  async 'A name and a help are mandatory'() {
    await everyKind((kind) => {
      assert.throws(() => new KINDS[kind]({ help: 'M.' }));
      assert.throws(() => new KINDS[kind]({ name: 'm' }));
    });
  },
  async 'A metric joins the default registry'() {
    const counter = new Counter({ name: 'by_itself', help: 'M.' });
    assert.equal(client.register.getSingleMetric('by_itself'), counter);
    client.register.removeSingleMetric('by_itself');
  },
  async 'registers: [] keeps a metric out of every registry'() {
    const counter = new Counter({ name: 'nowhere', help: 'M.', registers: [] });
    assert.equal(client.register.getSingleMetric('nowhere'), undefined);
    counter.inc();
    assert.equal(await valueOf(counter), 1);
  },
  async 'registers: [registry] leaves the default registry alone'() {
    const { registry, counter } = create();
    const metric = counter();
    assert.equal(registry.getSingleMetric('m'), metric);
    assert.equal(client.register.getSingleMetric('m'), undefined);
  },
  async 'counter.inc() adds 1, inc(10) adds 10'() {
    const metric = create().counter();
    metric.inc();
    assert.equal(await valueOf(metric), 1);
    metric.inc(10);
    assert.equal(await valueOf(metric), 11);
  },
  async 'A counter only ever goes up'() {
    assert.throws(() => create().counter().inc(-1), /It is not possible to decrease a counter/);
  },
  async 'A counter and a gauge without labels are 0 from the start'() {
    const { registry, counter, gauge } = create();
    counter({ name: 'c' });
    gauge({ name: 'g' });
    assert.deepEqual(samples(await registry.metrics()), ['c 0', 'g 0']);
  },
  async 'gauge.set(10), inc(), inc(10), dec() and dec(10)'() {
    const metric = create().gauge();
    const steps = [() => metric.set(10), () => metric.inc(), () => metric.inc(10), () => metric.dec(), () => metric.dec(10)];
    const seen = [];
    for (const step of steps) {
      step();
      seen.push(await valueOf(metric));
    }
    assert.deepEqual(seen, [10, 11, 21, 20, 10]);
  },
  async 'gauge.setToCurrentTime() sets seconds since 1970'() {
    const metric = create().gauge();
    metric.setToCurrentTime();
    assert.ok(Math.abs((await valueOf(metric)) - Date.now() / 1000) < 60);
  },
  async 'gauge.startTimer() returns a function that sets and returns seconds'() {
    const metric = create().gauge();
    const seconds = metric.startTimer()();
    assert.ok(isSeconds(seconds));
    assert.equal(await valueOf(metric), seconds);
  },
  async 'collect() is called by a scrape, with the metric as its this'() {
    const { registry, gauge } = create();
    let calls = 0;
    const metric = gauge({
      collect() {
        calls++;
        assert.equal(this, metric);
        this.set(7);
      },
    });
    assert.equal(calls, 0);
    assert.deepEqual(samples(await registry.metrics()), ['m 7']);
    assert.equal(calls, 1);
  },
  async 'collect() may return a promise, which the scrape awaits'() {
    const { registry, gauge } = create();
    gauge({
      async collect() {
        this.set(await new Promise((resolve) => setImmediate(resolve, 8)));
      },
    });
    assert.deepEqual(samples(await registry.metrics()), ['m 8']);
  },
  async 'collect() of every class runs in metrics(), getMetricsAsJSON(), getSingleMetricAsString() and get()'() {
    await everyKind(async (kind) => {
      let calls = 0;
      const { registry, [kind]: make } = create();
      const metric = make({
        collect() {
          calls++;
          this[UPDATES[kind]](1);
        },
      });
      await registry.metrics();
      await registry.getMetricsAsJSON();
      await registry.getSingleMetricAsString('m');
      await metric.get();
      assert.equal(calls, 4);
    });
  },
  async 'The default buckets suit web requests'() {
    const metric = create().histogram();
    const bounds = (await values(metric)).map(({ labels }) => labels.le).filter((le) => le !== undefined);
    assert.deepEqual(bounds, [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, '+Inf']);
  },
  async 'buckets overrides them'() {
    const { registry, histogram } = create();
    histogram({ buckets: [0.1, 5, 15, 50, 100, 500] }).observe(10);
    assert.deepEqual(samples(await registry.metrics()), [
      ...['m_bucket{le="0.1"} 0', 'm_bucket{le="5"} 0', 'm_bucket{le="15"} 1', 'm_bucket{le="50"} 1'],
      ...['m_bucket{le="100"} 1', 'm_bucket{le="500"} 1', 'm_bucket{le="+Inf"} 1', 'm_sum 10', 'm_count 1'],
    ]);
  },
  async 'The timer of a histogram observes and returns seconds'() {
    const metric = create().histogram();
    const seconds = metric.startTimer()();
    assert.ok(isSeconds(seconds));
    assert.deepEqual([await partOf(metric, '_sum'), await partOf(metric, '_count')], [seconds, 1]);
  },
  async 'The default percentiles of a summary are 0.01, 0.05, 0.5, 0.9, 0.95, 0.99 and 0.999'() {
    const metric = create().summary();
    const quantiles = (await values(metric)).map(({ labels }) => labels?.quantile).filter((one) => one !== undefined);
    assert.deepEqual(quantiles, [0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999]);
  },
  async 'percentiles overrides them'() {
    const { registry, summary } = create();
    summary({ percentiles: [0.01, 0.1, 0.9, 0.99] }).observe(10);
    assert.deepEqual(samples(await registry.metrics()), [
      ...['m{quantile="0.01"} 10', 'm{quantile="0.1"} 10', 'm{quantile="0.9"} 10', 'm{quantile="0.99"} 10'],
      ...['m_sum 10', 'm_count 1'],
    ]);
  },
  async 'The timer of a summary observes and returns seconds'() {
    const metric = create().summary();
    const seconds = metric.startTimer()();
    assert.ok(isSeconds(seconds));
    assert.deepEqual([await partOf(metric, '_sum'), await partOf(metric, '_count')], [seconds, 1]);
  },
  async 'A summary with a sliding window is exposed even when it is empty'() {
    const { registry, summary } = create();
    summary({ percentiles: [0.5], maxAgeSeconds: 600, ageBuckets: 5, pruneAgedBuckets: false });
    assert.deepEqual(
      samples(await registry.metrics()).map((line) => line.split(' ')[0]),
      ['m{quantile="0.5"}', 'm_sum', 'm_count'],
    );
  },
  async 'The percentiles of an empty window are 0'() {
    const metric = create().summary({ percentiles: [0.5], maxAgeSeconds: 600, ageBuckets: 5 });
    assert.equal(await valueOf(metric), 0);
  },
  async 'pruneAgedBuckets: true does not expose series whose window is empty'() {
    const { registry, summary } = create();
    const metric = summary({ labelNames: ['a'], maxAgeSeconds: 0.03, ageBuckets: 3, pruneAgedBuckets: true });
    metric.observe({ a: 'x' }, 1);
    const until = Date.now() + 10_000;
    while (samples(await registry.metrics()).length > 0 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(samples(await registry.metrics()), []);
  },

  // ---- labels
  async 'Labels can be given in three ways'() {
    const metric = create().gauge({ labelNames: ['method', 'statusCode'] });
    metric.set({ method: 'GET', statusCode: '200' }, 100);
    assert.equal(await valueOf(metric), 100);
    metric.labels({ method: 'GET', statusCode: '200' }).set(101);
    assert.equal(await valueOf(metric), 101);
    metric.labels('GET', '200').set(102);
    assert.equal(await valueOf(metric), 102);
    assert.deepEqual(await labelsOf(metric), [{ method: 'GET', statusCode: '200' }]);
  },
  async 'The three ways work for every class'() {
    await everyKind(async (kind) => {
      const metric = create()[kind]({ labelNames: ['a', 'b'], percentiles: [], buckets: [] });
      metric[UPDATES[kind]]({ a: 'x', b: 'y' }, 1);
      metric.labels({ b: 'y', a: 'x' })[UPDATES[kind]](1);
      metric.labels('x', 'y')[UPDATES[kind]](1);
      const series = new Set((await labelsOf(metric)).map(({ a, b }) => `${a} ${b}`));
      assert.deepEqual([...series], ['x y']);
    });
  },
  async 'All label names need to be declared'() {
    await everyKind((kind) => {
      const metric = create()[kind]({ labelNames: ['a'] });
      assert.throws(() => metric[UPDATES[kind]]({ z: 'x' }, 1), /Added label "z" is not included in initial labelset/);
    });
  },
  async 'Label values are strings or numbers'() {
    const metric = create().counter({ labelNames: ['a'] });
    metric.inc({ a: 1 });
    metric.inc({ a: 'one' });
    assert.deepEqual(await labelsOf(metric), [{ a: 1 }, { a: 'one' }]);
  },
  async 'Timers take labels before and after'() {
    for (const kind of ['gauge', 'histogram', 'summary']) {
      const metric = create()[kind]({ labelNames: ['method', 'statusCode'], percentiles: [], buckets: [] });
      metric.startTimer({ method: 'GET' })({ statusCode: '500' });
      const [{ method, statusCode }] = await labelsOf(metric);
      assert.deepEqual([method, statusCode], ['GET', '500'], kind);
    }
  },
  async 'A metric with labels is not exported before its first update'() {
    await everyKind(async (kind) => {
      const { registry, [kind]: make } = create();
      make({ labelNames: ['a'] });
      assert.deepEqual(samples(await registry.metrics()), []);
    });
  },
  async 'zero() exports the series of a histogram before its first observation'() {
    const metric = create().histogram({ labelNames: ['method'], buckets: [0.1] });
    metric.zero({ method: 'GET' });
    metric.zero({ method: 'POST' });
    const counts = (await values(metric)).filter(({ metricName }) => metricName === 'm_count');
    assert.deepEqual(
      counts.map(({ labels, value }) => [labels.method, value]),
      [
        ['GET', 0],
        ['POST', 0],
      ],
    );
  },
  async 'zero(), as the README shows it: with a label that labelNames does not have'() {
    const metric = create().histogram({ buckets: [0.1, 5], labels: ['method'] });
    metric.zero({ method: 'GET' });
    assert.ok((await labelsOf(metric)).some(({ method }) => method === 'GET'));
  },
  async 'remove() takes label values or an object'() {
    await everyKind(async (kind) => {
      const metric = create()[kind]({ labelNames: ['a'] });
      for (const a of ['x', 'y', 'z']) metric[UPDATES[kind]]({ a }, 1);
      metric.remove('x');
      metric.remove({ a: 'z' });
      assert.deepEqual([...new Set((await labelsOf(metric)).map(({ a }) => a))], ['y']);
    });
  },
  async 'reset() takes counters and gauges to 0'() {
    for (const kind of ['counter', 'gauge']) {
      const metric = create()[kind]();
      metric[UPDATES[kind]](5);
      metric.reset();
      assert.equal(await valueOf(metric), 0);
    }
  },
  async 'setDefaultLabels() adds labels to every metric of a registry'() {
    const { registry, gauge } = create();
    registry.setDefaultLabels({ serviceName: 'api-v1' });
    gauge().set(33);
    assert.deepEqual(samples(await registry.metrics()), ['m{serviceName="api-v1"} 33']);
    assert.deepEqual((await registry.getMetricsAsJSON())[0].values[0].labels, { serviceName: 'api-v1' });
  },
  async 'Default labels are overridden if there is a name conflict'() {
    const { registry, gauge } = create();
    registry.setDefaultLabels({ a: 'default' });
    gauge({ labelNames: ['a'] }).set({ a: 'own' }, 1);
    assert.deepEqual(samples(await registry.metrics()), ['m{a="own"} 1']);
  },
  async 'register.clear() clears default labels'() {
    const { registry, gauge } = create();
    registry.setDefaultLabels({ a: 'default' });
    registry.clear();
    gauge().set(1);
    assert.deepEqual(samples(await registry.metrics()), ['m 1']);
  },

  // ---- exemplars and formats
  async 'With exemplars, inc() takes { labels, value, exemplarLabels }'() {
    const { registry, counter } = create(Registry.OPENMETRICS_CONTENT_TYPE);
    const metric = counter({ name: 'm', labelNames: ['code'], enableExemplars: true });
    metric.inc({ labels: { code: '200' }, value: 2, exemplarLabels: { traceId: 't', spanId: 's' } });
    assert.match(await registry.metrics(), /^m_total\{code="200"\} 2 # \{traceId="t",spanId="s"\} 2 [\d.]+$/m);
  },
  async 'With exemplars, observe() takes { labels, value, exemplarLabels }'() {
    const { registry, histogram } = create(Registry.OPENMETRICS_CONTENT_TYPE);
    const metric = histogram({ labelNames: ['code'], buckets: [0.5, 3.5], enableExemplars: true });
    metric.observe({ labels: { code: '200' }, value: 1, exemplarLabels: { traceId: 't' } });
    const lines = samples(await registry.metrics()).filter((line) => line.includes(' # '));
    assert.equal(lines.length, 1);
    assert.match(lines[0], /^m_bucket\{.*le="3\.5".*\} 1 # \{traceId="t"\} 1 [\d.]+$|^m_bucket\{le="3\.5",code="200"\} 1 # /);
  },
  async 'Labels and value may be left out with exemplars'() {
    const metric = create(Registry.OPENMETRICS_CONTENT_TYPE).counter({ enableExemplars: true });
    metric.inc({ exemplarLabels: { traceId: 't' } });
    metric.inc({ value: 4 });
    metric.inc();
    assert.equal(await valueOf(metric), 6);
  },
  async 'Metrics with exemplars need a registry of the OpenMetrics type'() {
    assert.throws(() => create().counter({ enableExemplars: true }), /Exemplars are supported only on OpenMetrics registries/);
  },
  async 'setContentType() changes the format of a registry'() {
    const { registry, gauge } = create();
    gauge().set(1);
    assert.equal(registry.contentType, Registry.PROMETHEUS_CONTENT_TYPE);
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    assert.equal(registry.contentType, Registry.OPENMETRICS_CONTENT_TYPE);
    assert.match(await registry.metrics(), /\n# EOF\n$/);
  },
  async 'The content types are there at the module and at Registry'() {
    assert.equal(client.prometheusContentType, 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(client.openMetricsContentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.equal(client.prometheusContentType, Registry.PROMETHEUS_CONTENT_TYPE);
    assert.equal(client.openMetricsContentType, Registry.OPENMETRICS_CONTENT_TYPE);
    assert.equal(client.contentType, client.prometheusContentType);
  },

  // ---- registries
  async 'registerMetric() registers by hand, once'() {
    const { registry } = create();
    const metric = new Histogram({ name: 'm', help: 'M.', registers: [] });
    registry.registerMetric(metric);
    registry.registerMetric(metric);
    assert.deepEqual(registry.getMetricsAsArray(), [metric]);
  },
  async 'A name can be registered once'() {
    const { counter, gauge } = create();
    counter();
    assert.throws(() => gauge(), /A metric with the name m has already been registered\./);
  },
  async 'Registry.merge() exposes several registries'() {
    const [first, second] = [create(), create()];
    first.counter({ name: 'a' }).inc();
    second.counter({ name: 'b' }).inc(2);
    const merged = Registry.merge([first.registry, second.registry]);
    assert.ok(merged instanceof Registry);
    assert.deepEqual(samples(await merged.metrics()), ['a 1', 'b 2']);
  },
  async 'Registry.merge() throws if a name is in both'() {
    const [first, second] = [create(), create()];
    first.counter();
    second.counter();
    assert.throws(() => Registry.merge([first.registry, second.registry]), /A metric with the name m has already been registered/);
  },
  async 'getSingleMetricAsString() returns one metric as text'() {
    const { registry, counter } = create();
    counter({ name: 'a' }).inc();
    counter({ name: 'b' });
    assert.equal(await registry.getSingleMetricAsString('a'), '# HELP a M.\n# TYPE a counter\na 1');
  },
  async 'getSingleMetric() returns the metric'() {
    const { registry, counter } = create();
    const metric = counter();
    assert.equal(registry.getSingleMetric('m'), metric);
    assert.equal(registry.getSingleMetric('other'), undefined);
  },
  async 'clear() removes all metrics, removeSingleMetric() one'() {
    const { registry, counter } = create();
    for (const name of ['a', 'b', 'c']) counter({ name });
    registry.removeSingleMetric('b');
    assert.deepEqual(
      registry.getMetricsAsArray().map(({ name }) => name),
      ['a', 'c'],
    );
    registry.clear();
    assert.deepEqual(registry.getMetricsAsArray(), []);
    counter({ name: 'a' });
  },
  async 'resetMetrics() resets all metrics, which remain and can be used'() {
    const { registry, counter, gauge } = create();
    const [first, second] = [counter({ name: 'a' }), gauge({ name: 'b' })];
    first.inc(3);
    second.set(4);
    registry.resetMetrics();
    assert.deepEqual(samples(await registry.metrics()), ['a 0', 'b 0']);
    first.inc();
    assert.equal(await valueOf(first), 1);
    assert.equal(registry.getSingleMetric('a'), first);
  },
  async 'getMetricsAsJSON() returns name, help, type, aggregator and values'() {
    const { registry, gauge } = create();
    gauge({ aggregator: 'max' }).set(2);
    const [metric] = await registry.getMetricsAsJSON();
    assert.deepEqual({ ...metric }, { name: 'm', help: 'M.', type: 'gauge', aggregator: 'max', values: [{ labels: {}, value: 2 }] });
  },

  // ---- default metrics
  async 'collectDefaultMetrics() registers to the default registry, or to the given one'() {
    client.collectDefaultMetrics();
    assert.ok(client.register.getSingleMetric('process_cpu_user_seconds_total'));
    client.register.clear();
    const { registry } = create();
    client.collectDefaultMetrics({ register: registry });
    assert.ok(registry.getSingleMetric('process_cpu_user_seconds_total'));
    assert.equal(client.register.getMetricsAsArray().length, 0);
    registry.clear();
  },
  async 'The prefix of default metrics'() {
    const { registry } = create();
    client.collectDefaultMetrics({ register: registry, prefix: 'my_application_' });
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    assert.ok(names.length > 10);
    assert.deepEqual(
      names.filter((name) => !name.startsWith('my_application_')),
      [],
    );
    registry.clear();
  },
  async 'The labels of default metrics'() {
    const { registry } = create();
    client.collectDefaultMetrics({ register: registry, labels: { NODE_APP_INSTANCE: '3' } });
    const text = await registry.metrics();
    assert.match(text, /^process_start_time_seconds\{NODE_APP_INSTANCE="3"\} /m);
    assert.match(text, /^nodejs_version_info\{.*NODE_APP_INSTANCE="3".*\} 1$/m);
    registry.clear();
  },
  async 'gcDurationBuckets sets the buckets of the histogram of garbage collections'() {
    for (const [options, expected] of [
      [{}, [0.001, 0.01, 0.1, 1, 2, 5]],
      [{ gcDurationBuckets: [0.1, 0.2, 0.3] }, [0.1, 0.2, 0.3]],
    ]) {
      const { registry } = create();
      client.collectDefaultMetrics({ register: registry, ...options });
      assert.deepEqual([...registry.getSingleMetric('nodejs_gc_duration_seconds').upperBounds], expected);
      registry.clear();
    }
  },
  async 'eventLoopMonitoringPrecision must be greater than zero'() {
    const { registry } = create();
    for (const eventLoopMonitoringPrecision of [0, -1]) {
      assert.throws(() => client.collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision }));
    }
  },
  async 'metricsList lists the default metrics'() {
    const { registry } = create();
    client.collectDefaultMetrics({ register: registry });
    const { metricsList } = client.collectDefaultMetrics;
    assert.ok(metricsList.length > 10);
    assert.ok(metricsList.includes('processCpuTotal') && metricsList.every((name) => typeof name === 'string'));
    registry.clear();
  },
  async 'Default metrics are collected on scrape'() {
    const { registry } = create();
    client.collectDefaultMetrics({ register: registry });
    const cpu = async () => Number(/^process_cpu_seconds_total (\S+)$/m.exec(await registry.metrics())[1]);
    const before = await cpu();
    const until = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < until);
    assert.ok((await cpu()) > before);
    registry.clear();
  },

  // ---- buckets
  async 'linearBuckets(0, 10, 20) are 20 buckets that start on 0 with a width of 10'() {
    const buckets = client.linearBuckets(0, 10, 20);
    assert.deepEqual([buckets.length, buckets[0], buckets[1], buckets[19]], [20, 0, 10, 190]);
    create().histogram({ buckets });
  },
  async 'exponentialBuckets(1, 2, 5) are 5 buckets that start on 1 with a factor of 2'() {
    assert.deepEqual(client.exponentialBuckets(1, 2, 5), [1, 2, 4, 8, 16]);
  },

  // ---- clusters
  async 'Metrics are summed across workers unless an aggregator is given'() {
    const of = async (value) => {
      const { registry, gauge } = create();
      for (const aggregator of [undefined, 'sum', 'first', 'min', 'max', 'average', 'omit'])
        gauge({ name: aggregator ?? 'none', ...(aggregator && { aggregator }) }).set(value);
      return registry.getMetricsAsJSON();
    };
    const aggregated = client.AggregatorRegistry.aggregate([await of(3), await of(1)]);
    assert.deepEqual(samples(await aggregated.metrics()).sort(), ['average 2', 'first 3', 'max 3', 'min 1', 'none 4', 'sum 4']);
  },
  async 'setRegistries() takes a registry or an array of them'() {
    const { registry } = create();
    client.AggregatorRegistry.setRegistries(registry);
    client.AggregatorRegistry.setRegistries([registry, client.register]);
    client.AggregatorRegistry.setRegistries(client.register);
  },

  // ---- Pushgateway
  async 'pushAdd() uses POST, push() PUT, delete() DELETE, on the job and its groupings'() {
    await withGateway(async (url, seen) => {
      const { registry, counter } = create();
      counter().inc();
      const gateway = new client.Pushgateway(url, {}, registry);
      for (const method of ['pushAdd', 'push', 'delete']) {
        const { resp, body } = await gateway[method]({ jobName: 'test', groupings: { key: 'value' } });
        assert.deepEqual([resp.statusCode, String(body)], [200, 'answer']);
      }
      const path = '/metrics/job/test/key/value';
      assert.deepEqual(
        seen.map(({ method, url }) => `${method} ${url}`),
        [`POST ${path}`, `PUT ${path}`, `DELETE ${path}`],
      );
      assert.match(seen[0].body, /^m 1$/m);
      assert.equal(seen[2].body, '');
    });
  },
  async 'A Pushgateway pushes the default registry, with the options of a request'() {
    await withGateway(async (url, seen) => {
      new Counter({ name: 'pushed', help: 'M.' }).inc();
      const agent = new Agent({ keepAlive: true, maxSockets: 5 });
      const gateway = new client.Pushgateway(url, { timeout: 5000, agent, headers: { 'x-own': '1' } });
      await gateway.push({ jobName: 'test' });
      agent.destroy();
      client.register.clear();
      assert.match(seen[0].body, /^pushed 1$/m);
      assert.equal(seen[0].headers['x-own'], '1');
    });
  },
  async 'requireJobName: false pushes to /metrics'() {
    await withGateway(async (url, seen) => {
      await new client.Pushgateway(url, { timeout: 5000, requireJobName: false }).pushAdd();
      assert.equal(seen[0].url, '/metrics');
    });
  },
  async 'A push without a job is refused otherwise'() {
    await withGateway(async (url) => {
      await assert.rejects(async () => new client.Pushgateway(url).pushAdd());
    });
  },
};

async function withGateway(use) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    let body = '';
    for await (const part of request) body += part;
    seen.push({ method, url, headers, body });
    response.end('answer');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${server.address().port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function run() {
  const failures = {};
  for (const [sentence, check] of Object.entries(documented)) {
    client.register.clear();
    failures[sentence] = await check().then(
      () => null,
      (error) => error.message,
    );
  }
  process.stdout.write(JSON.stringify(failures), () => process.exit());
}

run();
