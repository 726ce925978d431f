import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from '../support/files-below.ts';
import { packageRoot } from '../support/package-root.ts';
import { readYamlDocuments } from '../support/read-yaml.ts';
import { findPrograms } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { treeFolder, whyNoTree } from './trees.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

const skip = whyNoTree('kubernetes');
const folder = join(packageRoot(), 'monitoring', 'kubernetes');

/** By kind, the module that has its schema and its type. */
const MODULES: Readonly<Record<string, string>> = {
  Namespace: 'kubernetes-models/v1/Namespace',
  Service: 'kubernetes-models/v1/Service',
  Deployment: 'kubernetes-models/apps/v1/Deployment',
  NetworkPolicy: 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy',
  ServiceMonitor: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor',
  PodMonitor: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
};

/** The manifests as they are written, without patches, which are only parts; where kustomize is at hand, also as it builds them. */
function manifests(): [name: string, manifest: Manifest][] {
  const files = filesBelow(folder).filter(
    (file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml') && !file.startsWith('with-tls'),
  );
  const written = files.map((file): [string, string] => [file, readFileSync(join(folder, file), 'utf8')]);
  const [kustomize] = findPrograms('kustomize');
  const built = (kustomize === undefined ? [] : ['scanner', 'with-operator', 'with-tls']).map(
    (name): [string, string] => {
      const { stdout, stderr, status } = runProgram(kustomize!.path, ['build', name], folder);
      assert.equal(status, 0, stderr);
      return [`${name}, built`, stdout];
    },
  );
  return [...written, ...built].flatMap(([name, text]) =>
    readYamlDocuments(text).map((manifest): [string, Manifest] => [name, manifest as Manifest]),
  );
}

test('Manifests are valid by the schemas of Kubernetes and of the Prometheus operator', { skip }, () => {
  const require = createRequire(join(treeFolder('kubernetes'), 'package.json'));
  const all = manifests();
  assert.ok(all.length >= 6);
  for (const [name, manifest] of all) {
    const models = require(MODULES[manifest.kind]!) as Record<string, new (data: object) => { validate(): void }>;
    const { apiVersion: _, kind, ...data } = manifest;
    assert.doesNotThrow(() => new models[kind]!(data).validate(), name);
  }
});

test('Manifests have no field that Kubernetes or the Prometheus operator does not know', { skip }, () => {
  const tree = treeFolder('kubernetes');
  const compile = (all: readonly [string, Manifest][]): string => {
    const program = all.map(
      ([, manifest], i) =>
        `import type { I${manifest.kind} as I${i} } from '${MODULES[manifest.kind]}';\n` +
        `export const manifest${i}: I${i} = ${JSON.stringify(manifest)};\n`,
    );
    writeFileSync(join(tree, 'manifests.ts'), program.join('\n'));
    const tsc = join(packageRoot(), 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'preserve', '--types', ''];
    return runProgram(process.execPath, [tsc, ...options, 'manifests.ts'], tree).stdout;
  };
  const all = manifests();
  assert.equal(compile(all), '');
  // The types are a check that can fail, at any depth.
  const [name, deployment] = all.find(([, { kind }]) => kind === 'Deployment')!;
  const misspelt = JSON.parse(JSON.stringify(deployment).replace('"containerPort"', '"containerport"')) as Manifest;
  assert.match(compile([[name, misspelt]]), /containerport/);
});
