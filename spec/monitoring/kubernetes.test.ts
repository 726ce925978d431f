import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { readYaml, readYamlDocuments } from '../support/read-yaml.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

// No cluster can be had here. spec/runtimes/kubernetes.test.ts holds the manifests against the schemas; this is what fits
// together within them, and the image's files, run from an empty folder.

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [
          {
            readonly args?: readonly string[];
            readonly image: string;
            readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
            readonly livenessProbe: Probe;
            readonly readinessProbe: Probe;
            readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
          },
        ];
        readonly volumes?: readonly { readonly name: string; readonly secret: { readonly secretName: string } }[];
      };
    };
  };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme?: string };
}

interface Monitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly endpoints?: readonly Endpoint[];
    readonly podMetricsEndpoints?: readonly Endpoint[];
  };
}

interface Endpoint {
  readonly port: string;
  readonly interval: string;
  readonly scheme?: string;
  readonly tlsConfig?: { readonly serverName: string };
}

interface Service {
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly spec: {
    readonly selector: Labels;
    readonly ports: readonly { readonly name: string; readonly targetPort: string }[];
  };
}

type Labels = Readonly<Record<string, string>>;
type Manifest = { readonly kind: string };

const root = packageRoot();
const folder = join(root, 'monitoring', 'kubernetes');
const read = <T>(file: string): T => readYaml(join(folder, file)) as T;

function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

test('Service, NetworkPolicy and monitors select the pods of the scanner, and its port', () => {
  const { template } = read<Deployment>('scanner/deployment.yaml').spec;
  const service = read<Service>('scanner/service.yaml');
  const policy = read<{ spec: { podSelector: { matchLabels: Labels } } }>('scanner/network-policy.yaml');
  const serviceMonitor = read<Monitor>('with-operator/service-monitor.yaml');
  const podMonitor = read<Monitor>('with-operator/pod-monitor.yaml');
  const pod = template.metadata.labels;
  const [port] = template.spec.containers[0].ports;
  assert.ok(selects(service.spec.selector, pod));
  assert.ok(selects(policy.spec.podSelector.matchLabels, pod));
  assert.ok(selects(serviceMonitor.spec.selector.matchLabels, service.metadata.labels));
  assert.ok(selects(podMonitor.spec.selector.matchLabels, pod));
  assert.equal(service.spec.ports[0]!.targetPort, port!.name);
  assert.equal(serviceMonitor.spec.endpoints![0]!.port, service.spec.ports[0]!.name);
  assert.equal(podMonitor.spec.podMetricsEndpoints![0]!.port, port!.name);
  assert.equal(template.metadata.annotations!['prometheus.io/port'], String(port!.containerPort));
});

test('The grace period of the deployment outlasts the scrape interval of the monitors by more than 10 s', () => {
  const { terminationGracePeriodSeconds } = read<Deployment>('scanner/deployment.yaml').spec.template.spec;
  for (const file of [
    'with-operator/service-monitor.yaml',
    'with-operator/pod-monitor.yaml',
    'with-tls/service-monitor.yaml',
  ]) {
    const { endpoints, podMetricsEndpoints } = read<Monitor>(file).spec;
    const [endpoint] = endpoints ?? podMetricsEndpoints!;
    assert.ok(terminationGracePeriodSeconds > Number.parseInt(endpoint!.interval, 10) + 10, file);
  }
});

testOnEach('kustomize', 'kustomize builds each folder', ({ path }) => {
  const build = (name: string): Manifest[] => {
    const { stdout, stderr, status } = runProgram(path, ['build', name], folder);
    assert.equal(status, 0, stderr);
    return readYamlDocuments(stdout) as Manifest[];
  };
  const only = <T>(all: readonly Manifest[], kind: string): T => {
    const found = all.filter((manifest) => manifest.kind === kind);
    assert.equal(found.length, 1, kind);
    return found[0] as T;
  };
  const plain = build('scanner');
  assert.deepEqual(plain.map(({ kind }) => kind).sort(), ['Deployment', 'Namespace', 'NetworkPolicy', 'Service']);
  const pod = only<Deployment>(plain, 'Deployment').spec.template;
  assert.equal(pod.metadata.annotations!['prometheus.io/scrape'], 'true');
  assert.match(pod.spec.containers[0].image, /^registry\.example\.com\/finpilot-scanner:\d+\.\d+\.\d+$/);

  const operated = build('with-operator');
  assert.equal(only<Monitor>(operated, 'ServiceMonitor').spec.endpoints![0]!.scheme, undefined);
  assert.equal(only<Deployment>(operated, 'Deployment').spec.template.metadata.annotations, undefined);

  const encrypted = build('with-tls');
  const [endpoint] = only<Monitor>(encrypted, 'ServiceMonitor').spec.endpoints!;
  const { metadata } = only<Service>(encrypted, 'Service');
  assert.deepEqual([endpoint!.scheme, endpoint!.tlsConfig!.serverName], ['https', `${metadata.name}.finpilot.svc`]);
  const { containers, volumes } = only<Deployment>(encrypted, 'Deployment').spec.template.spec;
  const [{ args, livenessProbe, readinessProbe, volumeMounts }] = containers;
  assert.deepEqual(
    [livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.scheme),
    ['HTTPS', 'HTTPS'],
  );
  assert.equal(volumeMounts![0]!.name, volumes![0]!.name);
  for (const file of [args![1]!, args![3]!]) assert.ok(file.startsWith(`${volumeMounts![0]!.mountPath}/`), file);
});

testOnEach('promtool', 'promtool accepts the configuration for pods with annotations', ({ path }, t) => {
  const { status, stdout, stderr } = runProgram(path, ['check', 'config', 'prometheus-annotations.yml'], folder);
  if (/kubernetes_sd_configs not found/.test(stderr)) return t.skip('built without service discovery for Kubernetes');
  assert.equal(status, 0, stdout + stderr);
});

test('The image of the scanner has all that it needs', { skip: whyNotBuilt() }, async (t) => {
  const dockerfile = readFileSync(join(root, 'docs', 'examples', 'scanner', 'Dockerfile'), 'utf8');
  const image = temporaryFolder(t);
  const copied = [...dockerfile.matchAll(/^COPY --from=build \/build\/(\S+) (\S+)$/gm)];
  assert.equal(copied.length, 4);
  for (const [, source = '', target = ''] of copied) {
    cpSync(join(root, source), join(image, target.endsWith('/') ? join(target, source) : target), { recursive: true });
  }
  const [program = '', ...args] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)![1]!) as string[];
  assert.equal(program, '/nodejs/bin/node');
  const scanner = new StartedProgram(t, {
    program: process.execPath,
    args: [...args, '--port', '0', '--host', '127.0.0.1'],
    folder: image,
  });
  const url = await until('the URL of /health in the output', () => {
    scanner.requireRunning();
    return /http:\/\/\S+\/health/.exec(scanner.output)?.[0];
  });
  assert.equal((await fetch(url)).status, 200);
});
