import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkQueries, checkRules } from '../../../monitoring/stack/check-data.ts';
import { dashboardQueries, readDashboards } from '../../../monitoring/stack/dashboard-queries.ts';
import { PrometheusApi } from '../../e2e/prometheus-api.ts';
import { startPrometheus } from '../../e2e/start-prometheus.ts';
import { filesBelow } from '../../support/files-below.ts';
import { packageRoot } from '../../support/package-root.ts';
import { testOnEach } from '../../support/real-system.ts';
import { until } from '../../support/until.ts';
import { inClassicNames } from './classic-names.ts';
import { type Names, startLoad, startService } from './start-service.ts';

const rules = join(packageRoot(), 'monitoring', 'node', 'rules');
const TIMEOUT_SECONDS = 90;
/** Of evaluations, and how long alerts wait. */
const INTERVAL = '1s';

/** What a minute of failures has to raise, though no alert waits for longer than a second here. */
const PROVOKED = [
  'NodejsCollectorFailing',
  'NodejsErrorBudgetBurn14x',
  'NodejsErrorBudgetBurn1x',
  'NodejsErrorBudgetBurn3x',
  'NodejsErrorBudgetBurn6x',
  'NodejsRequestsToServerFailing',
  'NodejsRouteFailing',
  'NodejsSeriesDropped',
];

for (const names of ['semconv', 'classic'] as const) {
  testOnEach(
    'prometheus',
    `The panels of any Node service have data, its rules are evaluated, and failures raise alerts: names ${names}`,
    async (program, t) => {
      const cleanup = { after: t.after.bind(t) };
      // One with classic buckets and one with native histograms: each query has to read both.
      const services = [await startService(cleanup, names, 'classic'), await startService(cleanup, names, 'native')];
      const targets = services.map(({ metrics }) => metrics);
      const { url } = await startPrometheus(cleanup, program, (folder) => configuration(folder, targets, names), [
        'native-histograms',
      ]);
      startLoad(cleanup, services);

      const refused = 'http_client_request_duration_seconds_count{error_type="ECONNREFUSED"}';
      const queries = [
        ...dashboardQueries(readDashboards('node', 'dashboards')),
        { place: 'a server that is gone', expr: refused },
      ].map(({ place, expr }) => ({ place, expr: inNames(expr.replaceAll('"finpilot"', '"service"'), names) }));
      const panels = await checkQueries(url, queries, TIMEOUT_SECONDS);
      assert.deepEqual(panels.missing, []);
      const evaluated = await checkRules(url, TIMEOUT_SECONDS);
      assert.deepEqual(evaluated.missing, []);
      t.diagnostic(`${panels.withData} queries have data; ${evaluated.withData} rules`);

      const api = new PrometheusApi(url);
      const firing = async (): Promise<string[]> => {
        const alerts = await api.query('count by (alertname) (ALERTS{alertstate="firing", job="service"})');
        return alerts.map(({ labels }) => labels.get('alertname')!).sort();
      };
      const isFiring = (name: string): Promise<void> =>
        until(`${name} to fire`, async () => ((await firing()).includes(name) ? true : undefined)).then(
          () => undefined,
        );
      await Promise.all(PROVOKED.map(isFiring));

      // Blocked for longer than a scrape takes: the thread answers in the meantime.
      const blocked = fetch(`${services[0]!.url}/block?seconds=8`).then((response) => response.text());
      await isFiring('NodejsEventLoopBlocked');
      await blocked;
      await until('NodejsEventLoopBlocked to resolve', async () => {
        return (await firing()).includes('NodejsEventLoopBlocked') ? undefined : true;
      });

      await services[1]!.program.stop();
      await isFiring('NodejsTargetDown');
      assert.ok(!(await firing()).includes('NodejsServiceDown'));
      await services[0]!.program.stop();
      await isFiring('NodejsServiceDown');
    },
  );
}

/** With the rules in the folder, and all their times as short as a scrape. */
function configuration(folder: string, targets: readonly string[], names: Names): string {
  mkdirSync(join(folder, 'rules'));
  for (const file of filesBelow(rules)) {
    const text = inNames(readFileSync(join(rules, file), 'utf8'), names)
      .replace(/^((?: |- )*(?:for|interval): )\S+$/gm, `$1${INTERVAL}`)
      .replace(/^ {2}- name: /gm, `  - interval: ${INTERVAL}\n    name: `);
    writeFileSync(join(folder, 'rules', file), text);
  }
  return `
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: service
    static_configs: [{ targets: ${JSON.stringify(targets)} }]
`;
}

function inNames(text: string, names: Names): string {
  return names === 'classic' ? inClassicNames(text) : text;
}
