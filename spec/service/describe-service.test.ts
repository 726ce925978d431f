import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { describeService, type ServiceOptions } from '../../lib/service/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { turn } from '../support/turn.ts';

const REVISION = '4df95221967894feb18012e13052c371f0d56ea2';

/** A program's folder with a package.json and a Git repository. */
const project = (t: TestContext, files: Readonly<Record<string, string>> = {}): string => {
  const folder = temporaryFolder(t);
  for (const [path, text] of Object.entries({ 'src/main.js': '', '.git/HEAD': 'ref: refs/heads/main\n', ...files })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return join(folder, 'src', 'main.js');
};
const infosOf = async (options: ServiceOptions): Promise<string[]> => {
  const registry = new MetricsRegistry();
  describeService(registry, options);
  return (await registry.metrics()).split('\n').filter((line) => /^\w+\{/.test(line));
};

test('describeService() adds target_info and build_info from package.json and the Git repository', async (t) => {
  const location = project(t, {
    'package.json': '{ "name": "@acme/shop", "version": "1.4.0" }',
    '.git/refs/heads/main': `${REVISION}\n`,
  });
  const registry = new MetricsRegistry();
  const described = describeService(registry, { location, env: {} });
  const { instance } = described;
  assert.match(instance, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  assert.deepEqual(described, {
    name: '@acme/shop',
    version: '1.4.0',
    instance,
    revision: REVISION,
    attributes: { 'service.name': '@acme/shop', 'service.version': '1.4.0', 'service.instance.id': instance },
  });
  assert.equal(
    await registry.metrics(),
    `# HELP target_info Attributes of this service.
# TYPE target_info gauge
target_info{service_name="@acme/shop",service_version="1.4.0",service_instance_id="${instance}"} 1

# HELP build_info Version and revision that this service was built from.
# TYPE build_info gauge
build_info{version="1.4.0",revision="${REVISION}",nodejs_version="${process.version}"} 1
`,
  );
});

test('describeService() prefers its options, then OTEL variables, then files', async (t) => {
  const location = project(t, { 'package.json': '{ "name": "file", "version": "1.0.0" }' });
  const env = {
    OTEL_RESOURCE_ATTRIBUTES:
      'service.name=attribute,service.version=2.0.0, service.instance.id=pod-7,k8s.namespace.name=a%20b,=x,novalue,2fast=1,url=a=b',
    GIT_COMMIT: 'abc',
  };
  assert.deepEqual(await infosOf({ location, env }), [
    'target_info{service_name="attribute",service_version="2.0.0",service_instance_id="pod-7",' +
      'k8s_namespace_name="a b",key_2fast="1",url="a=b"} 1',
    `build_info{version="2.0.0",revision="abc",nodejs_version="${process.version}"} 1`,
  ]);
  const named = { ...env, OTEL_SERVICE_NAME: 'variable' };
  assert.match((await infosOf({ location, env: named }))[0]!, /service_name="variable"/);
  const options = { name: 'option', version: '3.0.0', instance: '9', revision: 'def', attributes: { url: 'mine' } };
  assert.deepEqual(await infosOf({ location, env: named, ...options }), [
    'target_info{service_name="option",service_version="3.0.0",service_instance_id="9",' +
      'k8s_namespace_name="a b",key_2fast="1",url="mine"} 1',
    `build_info{version="3.0.0",revision="def",nodejs_version="${process.version}"} 1`,
  ]);
});

test('describeService() passes a package.json without a name, as builds have', async (t) => {
  for (const text of ['{ "type": "module", "version": "9.9.9" }', '{ "name": ', 'null', '7']) {
    const files = { 'src/package.json': text, 'package.json': '{ "name": "shop", "version": "1.4.0" }' };
    const [target] = await infosOf({ location: project(t, files), env: {}, instance: '1' });
    assert.equal(target, 'target_info{service_name="shop",service_version="1.4.0",service_instance_id="1"} 1', text);
  }
});

test('describeService() does without files, and with broken ones', async (t) => {
  const instance = '1';
  const at = (location: string) => infosOf({ location, env: {}, instance });
  const unknown = [
    'target_info{service_name="unknown_service:node",service_instance_id="1"} 1',
    `build_info{version="",revision="",nodejs_version="${process.version}"} 1`,
  ];
  assert.deepEqual(await at(project(t, { 'package.json': '{ "name": ' })), unknown);
  assert.deepEqual(await at(project(t, { 'package.json': '{ "name": 1, "version": [] }' })), unknown);
  const revisionOf = async (files: Readonly<Record<string, string>>): Promise<string | undefined> =>
    /revision="([^"]*)"/.exec((await at(project(t, files))).join())?.[1];
  assert.equal(await revisionOf({ '.git/HEAD': `${REVISION}\n` }), REVISION);
  const packed = `# pack-refs with: peeled\n${'1'.repeat(40)} refs/heads/other\n${REVISION} refs/heads/main\n`;
  assert.equal(await revisionOf({ '.git/packed-refs': packed }), REVISION);
  const around = { '.git/refs/heads/main': '2'.repeat(40), 'src/.git/HEAD': 'ref: refs/heads/main\n' };
  assert.equal(await revisionOf({ ...around, 'src/.git/packed-refs': packed }), REVISION, 'of the nearest repository');
  assert.equal(await revisionOf(around), '', 'a branch without commits');
  for (const head of [
    '',
    'ref: ',
    'ref: ../package.json',
    'ref: refs/../../package.json',
    `${REVISION}0`,
    'two\nlines',
  ]) {
    assert.equal(await revisionOf({ '.git/HEAD': head, 'package.json': '{ "name": "secret" }' }), '', head);
  }
});

test('describeService() follows the file of a worktree or submodule to its revision, not to that of the repository around it', async (t) => {
  const revisionOf = async (files: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const around = { '.git/refs/heads/main': '2'.repeat(40) };
    const infos = await infosOf({ location: project(t, { ...around, ...files }), env: {} });
    return /revision="([^"]*)"/.exec(infos.join())?.[1];
  };
  const worktree = { 'src/.git': 'gitdir: ../.git/worktrees/w\n', '.git/worktrees/w/commondir': '../..\n' };
  const onBranch = { ...worktree, '.git/worktrees/w/HEAD': 'ref: refs/heads/w\n' };
  assert.equal(await revisionOf({ ...onBranch, '.git/refs/heads/w': `${REVISION}\n` }), REVISION);
  assert.equal(await revisionOf({ ...onBranch, '.git/packed-refs': `${REVISION} refs/heads/w\n` }), REVISION);
  assert.equal(await revisionOf({ ...worktree, '.git/worktrees/w/HEAD': `${REVISION}\n` }), REVISION);
  assert.equal(
    await revisionOf({
      'src/.git': 'gitdir: ../.git/modules/m\n',
      '.git/modules/m/HEAD': 'ref: refs/heads/main\n',
      '.git/modules/m/refs/heads/main': `${REVISION}\n`,
    }),
    REVISION,
  );
  assert.equal(await revisionOf(worktree), '', 'a worktree that has been removed');
  assert.equal(await revisionOf({ 'src/.git': 'no link' }), '', 'a file of another kind');
});

test('describeService() refuses unknown and invalid options', () => {
  const refuse = (options: unknown, message: RegExp): void => {
    assert.throws(() => describeService(new MetricsRegistry(), options as ServiceOptions), message);
  };
  refuse(null, /^TypeError: Cannot describe the service: expected an object of options, got null\.$/);
  refuse({ nam: 'shop' }, /^TypeError: Cannot describe the service: expected the options name, .*, env, got "nam"\.$/);
  refuse({ version: 7 }, /^TypeError: .*expected version to be a string, got 7\.$/);
  refuse({ location: 7 }, /^TypeError: .*expected location to be a string, got 7\.$/);
  refuse({ env: null }, /^TypeError: .*expected env to be an object, got null\.$/);
  refuse({ attributes: 'a=b' }, /^TypeError: .*expected attributes to be an object, got "a=b"\.$/);
  refuse({ attributes: { a: 1 } }, /^TypeError: .*expected a string for attribute "a", got 1\.$/);
  assert.throws(() => describeService({} as MetricsRegistry), /expected a registry, got a value of type object\.$/);
});

test('describeService() leaves out attributes of the environment that cannot be labels, with a warning', async (t) => {
  const warnings = await collectWarnings(t);
  const location = project(t, { 'package.json': '{ "name": "shop" }' });
  const env = {
    OTEL_RESOURCE_ATTRIBUTES: 'a.b=1,a_b=2,service_name=x,le=1,quantile=2,c.d=3,zone=eu',
    GIT_COMMIT: 'abc',
  };
  const [target] = await infosOf({ location, env, instance: '1', attributes: { c_d: 'mine' } });
  assert.equal(target, 'target_info{service_name="shop",service_instance_id="1",a_b="1",zone="eu",c_d="mine"} 1');
  await turn();
  assert.equal(warnings.length, 1);
  assert.match(String(warnings[0]), /left out "a_b", "service_name", "le", "quantile", "c\.d"/);
});

test('describeService() refuses two attributes of one label name, and leaves nothing behind', async () => {
  const registry = new MetricsRegistry();
  const attributes = { 'a.b': '1', 'a-b': '2' };
  assert.throws(
    () => describeService(registry, { attributes }),
    /^RangeError: Cannot describe the service: expected attributes with different label names, got two for "a_b"\. Remove one\.$/,
  );
  new Gauge({ name: 'build_info', help: 'Taken.', registers: [registry] });
  assert.throws(() => describeService(registry), /build_info/);
  assert.deepEqual(
    (await registry.gather()).map(({ name }) => name),
    ['build_info'],
  );
});
