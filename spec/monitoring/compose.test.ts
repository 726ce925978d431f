import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDashboards } from '../../monitoring/stack/dashboard-queries.ts';
import { packageRoot } from '../support/package-root.ts';
import { readYaml } from '../support/read-yaml.ts';

// Containers cannot be run here: this is what can be seen of compose.yaml and Grafana's provisioning without them.

interface Compose {
  readonly services: Readonly<Record<string, { readonly image: string; readonly volumes: readonly string[] }>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const monitoring = join(packageRoot(), 'monitoring');
const { services, volumes } = readYaml(join(monitoring, 'compose.yaml')) as Compose;
const mounts = Object.values(services).flatMap((service) => service.volumes.map((mount) => mount.split(':')));

test('compose.yaml starts a fixed version of Prometheus, Alertmanager and Grafana', () => {
  assert.deepEqual(Object.keys(services), ['prometheus', 'alertmanager', 'grafana']);
  for (const { image } of Object.values(services)) assert.match(image, /^[a-z/]+:v?\d+\.\d+\.\d+$/);
});

test('compose.yaml mounts folders that there are, read-only, and volumes that it declares', () => {
  for (const [source = '', , mode] of mounts) {
    if (!source.startsWith('./')) assert.ok(source in volumes, source);
    else assert.deepEqual([existsSync(join(monitoring, source)), mode], [true, 'ro'], source);
  }
});

test('Grafana is told to load the dashboards from where they are mounted', () => {
  const path = join(monitoring, 'grafana', 'provisioning', 'dashboards', 'finpilot.yml');
  const { providers } = readYaml(path) as { providers: readonly { options: { path: string } }[] };
  const [source] = mounts.find(([, target]) => target === providers[0]?.options.path) ?? [];
  assert.equal(source, './grafana/dashboards');
  assert.equal(readDashboards().length, 2);
});

test('Grafana is told of one Prometheus that is chosen by default, and its scrape interval', () => {
  const path = join(monitoring, 'grafana', 'provisioning', 'datasources', 'prometheus.yml');
  const { datasources } = readYaml(path) as {
    datasources: readonly { type: string; isDefault?: boolean; jsonData: { timeInterval?: string } }[];
  };
  const { global } = readYaml(join(monitoring, 'prometheus', 'prometheus.yml')) as {
    global: { scrape_interval: string };
  };
  const chosen = datasources.filter(({ isDefault }) => isDefault === true);
  const told = chosen.map(({ type, jsonData }) => [type, jsonData.timeInterval]);
  assert.deepEqual(told, [['prometheus', global.scrape_interval]]);
});
