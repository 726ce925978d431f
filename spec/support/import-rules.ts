import { COMPUTED, type LibFile } from './lib-files.ts';

const CORE = ['model', 'metrics', 'registry', 'exposition'] as const;

/**
 * Who may import whom: the table of docs/architecture.md. A folder of lib, or a file right in lib, may import its own
 * files, those of the folders listed, and Node's modules only where `node:` is listed. A new folder has to be added here.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  exposition: ['model'],
  registry: ['model'],
  metrics: ['model'],
  server: [...CORE, 'node:'],
  collectors: ['model', 'registry', 'metrics', 'node:'],
  finpilot: ['model', 'registry', 'metrics', 'node:'],
  parse: ['model'],
  // Runs in a browser. The server has it as text, in a module that is generated.
  page: ['model', 'parse'],
  testing: ['model'],
  push: ['model', 'registry', 'exposition', 'node:'],
  cli: ['core.ts', 'server', 'node:'],
  // Of native nothing is loaded before a worker has reported native buckets.
  aggregate: ['model', 'registry', 'native', 'node:'],
  // push: its HTTP requests, retries and hiding of secrets.
  bridges: [...CORE, 'push', 'node:'],
  native: ['model', 'metrics'],
  http: ['model', 'registry', 'metrics', 'node:'],
  service: ['model', 'registry', 'metrics', 'node:'],
  thread: [...CORE, 'server', 'aggregate', 'node:'],
  'core.ts': CORE,
  'summary.ts': ['metrics'],
  // Of node: and aggregate nothing is loaded before a registry is created that gathers from workers.
  'prom-client': [...CORE, 'collectors', 'push', 'aggregate', 'node:'],
  'main.ts': ['core.ts', 'summary.ts', 'server', 'collectors', 'model', 'prom-client', 'push'],
  'index.ts': ['main.ts', 'prom-client'],
};

/** An edge that the table forbids, and why it is there all the same. Each is needed, or it is reported. */
interface Exception {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  /** Whether it may be imported by `import type` only. */
  readonly isType?: true;
}

const EDGE_EXCEPTIONS: readonly Exception[] = [
  {
    from: 'registry',
    to: 'lib/exposition/prometheus-exporter.ts',
    reason:
      'registry.metrics() writes text; the exposition sees a registry as a Gatherer of the model, so there is no way back',
  },
  {
    from: 'metrics',
    to: 'lib/registry/register.ts',
    reason: 'a metric joins the default registry unless told otherwise',
  },
  {
    from: 'metrics',
    to: 'lib/registry/metrics-registry.ts',
    reason: 'an option takes registries to join',
    isType: true,
  },
];

/** Imports a module again under another address, after its file could not be read: the address is computed. */
const LOADS_AGAIN = 'lib/model/load-module.ts';

/** The folder of lib that a path is in, or the file right in lib; `node:` for Node's modules. */
export function areaOf(path: string): string {
  if (path.startsWith('node:')) return 'node:';
  return path.startsWith('lib/') ? path.split('/')[1]! : path;
}

/** All that the imports of lib break: a message for each. */
export function importFaults(all: readonly LibFile[]): string[] {
  const files = all.map((file) => {
    return file.path === LOADS_AGAIN ? { ...file, imports: file.imports.filter((to) => to !== COMPUTED) } : file;
  });
  return [...areaFaults(files), ...edgeFaults(files), ...targetFaults(files), ...cycleFaults(files)];
}

function areaFaults(files: readonly LibFile[]): string[] {
  const unknown = files.map(({ path }) => path).filter((path) => ALLOWED[areaOf(path)] === undefined);
  return unknown.map((path) => `${path} is in a folder that the architecture does not know`);
}

function edgeFaults(files: readonly LibFile[]): string[] {
  const unused = new Set(EDGE_EXCEPTIONS);
  const faults = files.flatMap(({ path, imports, loads }) =>
    imports.flatMap((to) => {
      if (areaOf(to) === areaOf(path) || ALLOWED[areaOf(path)]?.includes(areaOf(to)) === true) return [];
      const exception = EDGE_EXCEPTIONS.find((known) => known.from === areaOf(path) && known.to === to);
      if (exception === undefined) return [`${path} must not import ${to}`];
      unused.delete(exception);
      return exception.isType === true && loads.includes(to) ? [`${path} must import ${to} as a type`] : [];
    }),
  );
  return [...faults, ...[...unused].map(notNeeded)];
}

function notNeeded({ from, to }: Exception): string {
  return `the exception for ${from} → ${to} is not needed any more: remove it from spec/support/import-rules.ts`;
}

/** lib imports files of lib that exist, and modules of Node, but no package. */
function targetFaults(files: readonly LibFile[]): string[] {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap(({ path, imports }) =>
    imports
      .filter((to) => !to.startsWith('node:') && !paths.has(to))
      .map((to) =>
        to === COMPUTED
          ? `${path} imports what nobody can tell: expected a literal`
          : `${path} imports ${to}, which is no file of lib`,
      ),
  );
}

/** A message for each group of files that reach each other, types and dynamic imports included. */
function cycleFaults(files: readonly LibFile[]): string[] {
  const groups = cyclesOf(new Map(files.map(({ path, imports }) => [path, imports])));
  return groups.map((group) => `cycle: ${group.join(', ')}`);
}

/** The strongly connected components of more than one file, and files that import themselves. Tarjan 1972. */
function cyclesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.get(path)!);
    stack.push(path);
    for (const to of imports.get(path) ?? []) {
      if (!imports.has(to)) continue;
      if (!order.has(to)) visit(to);
      if (stack.includes(to)) lowest.set(path, Math.min(lowest.get(path)!, lowest.get(to)!));
    }
    if (lowest.get(path) !== order.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || imports.get(path)!.includes(path)) cycles.push(group.sort());
  };
  for (const path of imports.keys()) if (!order.has(path)) visit(path);
  return cycles;
}
