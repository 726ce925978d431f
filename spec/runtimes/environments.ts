import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { OUTSIDE_THE_RUN } from '../support/run-program.ts';
import { treeFolder } from './trees.ts';

// Where the package runs, and what of it. Each claim is tried in each environment by spec/runtimes/programs/environments;
// docs/environments.md is made from what came of it.

/** What is tried, by its name in `probe.mjs`, and its heading in the table. */
export const CLAIMS = {
  core: 'updates, scrapes',
  server: 'server',
  defaults: 'default metrics',
  push: 'push',
  threads: 'threads',
  thread: 'metrics thread',
  cluster: 'cluster',
} as const;

export type Claim = keyof typeof CLAIMS;

export interface Environment {
  readonly name: string;
  /** The command that tries a claim; the program and the claim follow. */
  readonly command: readonly string[];
  /** The program, by default `probe.mjs`. */
  readonly program?: string;
  /** What can be tried, by default all. */
  readonly claims?: readonly Claim[];
  /** What does not work, by what its error says. */
  readonly fails?: Partial<Record<Claim, RegExp>>;
  /** Whether another user than root runs it. */
  readonly isUnprivileged?: true;
  /** Why something does not work, or is not there. */
  readonly note: string;
}

const node = process.execPath;
const has = (option: string): boolean => process.allowedNodeEnvironmentFlags.has(option);
const hosts = (...path: readonly string[]): string => join(treeFolder('hosts'), 'node_modules', ...path);
/** workerd's driver needs Node 22. */
const newerNode = Number(process.versions.node.split('.')[0]) >= 22 ? [node] : ['npx', '-y', 'node@24'];
/** Of Linux with glibc, where CI runs. */
const platform = `linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}`;

export const ENVIRONMENTS: readonly Environment[] = [
  { name: 'Node', command: [node], note: '' },
  {
    name: 'Bun 1.4',
    command: [hosts('@oven', `bun-${platform}`, 'bin', 'bun')],
    note: 'Without `nodejs_eventloop_*`: Bun does not tell when its event loop was idle.',
  },
  {
    name: 'Deno 2.9',
    command: [hosts('@deno', `linux-${process.arch}-glibc`, 'deno'), 'run', '-A'],
    note: 'Without `nodejs_eventloop_*`, as on Bun. A new thread may be missing from the first scrape.',
  },
  {
    name: 'workerd, as it is',
    command: newerNode,
    program: 'workerd.mjs',
    claims: ['core'],
    note: 'The core, from `@finpilot/metrics/core`. A worker has no server of its own: answer with `register.metrics()`.',
  },
  {
    name: 'a `vm` context',
    command: [node],
    program: 'context.cjs',
    claims: ['core'],
    note: 'The core, without `process` and `setImmediate()`.',
  },
  {
    name: '`--permission`',
    command: [
      node,
      '--no-warnings',
      has('--permission') ? '--permission' : '--experimental-permission',
      '--allow-fs-read=*',
      ...(has('--allow-net') ? ['--allow-net'] : []),
    ],
    fails: { threads: /ERR_ACCESS_DENIED/, thread: /ERR_ACCESS_DENIED/, cluster: /ERR_ACCESS_DENIED/ },
    note: 'With `--allow-fs-read` and, on Node 26, `--allow-net`. Node refuses threads and processes without `--allow-worker` and `--allow-child-process`.',
  },
  {
    name: '`--disallow-code-generation-from-strings`',
    command: [node, '--disallow-code-generation-from-strings'],
    note: '',
  },
  { name: '`--frozen-intrinsics`', command: [node, '--no-warnings', '--frozen-intrinsics'], note: '' },
  { name: 'frozen constructors and prototypes', command: [node, '--import', './frozen.mjs'], note: '' },
  { name: '`--disable-proto=delete`', command: [node, '--disable-proto=delete'], note: '' },
  {
    name: '`--jitless`',
    command: [node, '--jitless'],
    note: 'Node’s `fetch()` needs WebAssembly; the library does without.',
  },
  { name: '`--max-old-space-size=16`', command: [node, '--max-old-space-size=16'], note: '' },
  {
    name: 'no `/proc`',
    command: [node, '--import', './no-proc.mjs'],
    note: 'Without the values that only Linux has there, such as `process_open_fds`.',
  },
  {
    name: 'a read-only tree, an unprivileged user',
    command: [node],
    isUnprivileged: true,
    note: '',
  },
];

/** The number of a user without any rights on most systems. */
const NOBODY = 65534;

/** Tries a claim; returns undefined if it works, else what the program said. */
export function tryClaim(environment: Environment, claim: Claim): string | undefined {
  const { command, program = 'probe.mjs', isUnprivileged } = environment;
  const [file, ...args] = [...command, program, claim];
  // Who is not root has no right to write to the package anyway in a read-only tree, and cannot become another user.
  const user = isUnprivileged && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { error, stdout, stderr } = spawnSync(file!, args, {
    cwd: join(treeFolder('hosts'), 'programs', 'environments'),
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...OUTSIDE_THE_RUN },
    ...user,
  });
  if (error !== undefined) return String(error);
  return stdout === 'works\n' ? undefined : stdout + stderr;
}

/** Tried by spec/browser/core.test.ts. */
const CHROMIUM: Pick<Environment, 'name' | 'claims' | 'fails' | 'note'> = {
  name: 'Chromium',
  claims: ['core'],
  note: 'The core, also under a strict content security policy: it generates no code from strings.',
};

/** The table of docs/environments.md. */
export function environmentsTable(): string {
  const claims = Object.entries(CLAIMS) as [Claim, string][];
  const lines = [
    ['where', ...claims.map(([, heading]) => heading), 'notes'],
    ['---', ...claims.map(() => '---'), '---'],
    ...[...ENVIRONMENTS, CHROMIUM].map(({ name, claims: tried, fails, note }) => [
      name,
      ...claims.map(([claim]) => (tried?.includes(claim) === false ? '' : fails?.[claim] === undefined ? 'yes' : 'no')),
      note,
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('  ', ' ')).join('\n');
}
