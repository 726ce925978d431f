import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeTextfile } from '../../lib/bridges/textfile.ts';
import { startRealServer } from '../support/real-server.ts';
import { findPrograms, testOnEach } from '../support/real-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { EVERY_TYPE } from './every-type.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { sortedSamples } from './sorted-samples.ts';
import { startPrometheus } from './start-prometheus.ts';

// A registry with every type, written to a file, read by node_exporter, scraped by Prometheus.

testOnEach('node-exporter', 'A text file reaches Prometheus through node_exporter', async (exporter, t) => {
  const [prometheus] = findPrograms('prometheus');
  if (prometheus === undefined) return t.skip('expected a Prometheus, got none');
  const folder = temporaryFolder(t);
  await writeTextfile(join(folder, 'job.prom'), { registry: EVERY_TYPE.createRegistry() });
  const node = await startRealServer(t, exporter, {
    readyPath: '/metrics',
    args: (port) => [
      `--web.listen-address=127.0.0.1:${port}`,
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder}`,
    ],
  });
  const target = new URL(node.url).host;
  const server = await startPrometheus(
    t,
    prometheus,
    `scrape_configs: [{ job_name: node, static_configs: [{ targets: ['${target}'] }] }]`,
  );
  const api = new PrometheusApi(server.url);
  const stored = await until('the metrics of the file in Prometheus', async () => {
    const found = await api.query('{__name__=~"e2e.*"}');
    return found.length > 0 ? found : undefined;
  });
  assert.deepEqual(sortedSamples(stored), sortedSamples(EVERY_TYPE.samples('text')));
  const [faults] = await api.query('node_textfile_scrape_error');
  assert.equal(faults?.value, 0, node.program.output);
  const types = (await api.metadata('node')).filter(({ metric }) => metric.startsWith('e2e'));
  assert.deepEqual(types.map(({ metric, type }) => `${metric} ${type}`).sort(), EVERY_TYPE.metadata('text', false));
});
