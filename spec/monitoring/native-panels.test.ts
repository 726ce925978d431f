import assert from 'node:assert/strict';
import { dashboardQueries, inEitherForm, readDashboards } from '../../monitoring/stack/dashboard-queries.ts';
import { PrometheusApi } from '../e2e/prometheus-api.ts';
import { startPrometheus } from '../e2e/start-prometheus.ts';
import { startScanner } from '../e2e/start-scanner.ts';
import { testOnEach } from '../support/real-system.ts';
import { until } from '../support/until.ts';

/** The queries of the panels that show the scanner's native histogram. */
const queries = dashboardQueries(readDashboards()).filter(({ expr }) => expr.includes('scanner_scan_seconds'));

function placesOf(pattern: RegExp): readonly string[] {
  return queries.map(({ place }) => place).filter((place) => pattern.test(place));
}

testOnEach(
  'prometheus',
  'The panels of the native histogram have data in the form that Prometheus stores, percentiles in both',
  async (program, t) => {
    const cleanup = { after: t.after.bind(t) };
    const { url: scanner } = await startScanner(cleanup, { paceMilliseconds: 20 });
    const target = new URL(scanner).host;
    const scrape = `scrape_configs: [{ job_name: finpilot, static_configs: [{ targets: ['${target}'] }] }]`;
    for (const [features, inOneForm] of [
      [['native-histograms'], placesOf(/native histogram/)],
      [[], placesOf(/classic buckets/)],
    ] as const) {
      const { url } = await startPrometheus(cleanup, program, scrape, features);
      const api = new PrometheusApi(url);
      const expected = [...placesOf(/percentiles/), ...inOneForm];
      await until(`data of ${expected}`, async () => {
        const answered: string[] = [];
        for (const { place, expr } of queries) if ((await api.query(expr)).length > 0) answered.push(place);
        return `${answered}` === `${expected}` ? true : undefined;
      });
      for (const { expr } of inEitherForm(queries)) assert.ok((await api.query(expr)).length > 0, expr);
    }
    assert.equal(queries.length, 5);
  },
);
