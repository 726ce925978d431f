import * as metrics from '../../lib/index.ts';
import type { Program } from './programs-of-page.ts';

/**
 * What the examples of doc comments take for granted, by name. It stands before an example that has the name in it, and
 * is shadowed where the example declares the name itself.
 */
const SURROUNDINGS: Readonly<Record<string, string>> = {
  mkdtemp:
    "import { mkdtemp } from 'node:fs/promises';\nimport { tmpdir } from 'node:os';\nimport { join } from 'node:path';",
  AsyncLocalStorage: "import { AsyncLocalStorage } from 'node:async_hooks';",
  statfs: "import { statfs } from 'node:fs/promises';",
  cluster: "import cluster from 'node:cluster';",
  isMainThread: "import { isMainThread } from 'node:worker_threads';",
  createServer: "import { createServer } from 'node:http';",
  nativeBuckets: "import { nativeBuckets } from '@finpilot/metrics/native';",
  instrumentHttp: "import { instrumentHttp } from '@finpilot/metrics/http';",
  describeService: "import { describeService } from '@finpilot/metrics/service';",
  exemplarsFrom: "import { exemplarsFrom } from '@finpilot/metrics/service';",
  openTelemetryExemplars: "import { openTelemetryExemplars } from '@finpilot/metrics/service';",
  sentryExemplars: "import { sentryExemplars } from '@finpilot/metrics/service';",
  createFinpilotMetrics: "import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';",
  recordScan:
    "import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';\nconst metrics = createFinpilotMetrics();",
  registry: 'const registry = new MetricsRegistry();',
  failures: "const failures = new Counter({ name: 'failures', help: 'Failures.', labelNames: ['kind'] });",
  latency: "const latency = new Histogram({ name: 'latency', help: 'Latency.', labelNames: ['endpoint'] });",
  api: 'const api = { get: async (path: string) => [path] };',
  scan: 'const scan = async (strategy: string) => [strategy];',
  fetchQuote: 'const fetchQuote = async (symbol: string) => symbol.length;',
  prices: 'const prices = [1455.22];',
  scanner: 'const scanner = { isRunning: true };',
  request: "const request = { headers: { accept: '*/*' } };",
  response: 'const response = { setHeader(name: string, value: string) {}, write(chunk: Uint8Array) {}, end() {} };',
  app: 'const app = { get(path: string, handler: (request: any, response: any) => void) {} };',
  fastify: 'const fastify = { get(path: string, handler: (request: any, reply: any) => void) {} };',
  koa: 'const koa = { use(middleware: (ctx: any, next: () => Promise<void>) => Promise<void>) {} };',
  Sentry: 'const Sentry = { getActiveSpan: () => undefined };',
  router: 'const router = { get(path: string, handler: (ctx: any) => void) {} };',
};

/** From where an example runs to the compiled files of the package: what no entry exports comes from its own file. */
const COMPILED = '../node_modules/@finpilot/metrics/dist';

/** Returns the `@example` programs of a source file, each with its surroundings. A line `call; // value` is checked. */
export function examplesOfSource(path: string, text: string): Program[] {
  // A function with overloads is declared several times.
  const own = [
    ...new Set(
      [...text.matchAll(/^export (?:async )?(?:class|const|function\*?) (\w+)/gm)].map(([, name = '']) => name),
    ),
  ];
  const ownNames = own.filter((name) => !(name in metrics) && !(name in SURROUNDINGS));
  const ownFile = `${COMPILED}/${path.replace(/ts$/, 'js')}`;
  return [...text.matchAll(/^ *\* @example\n *\* ```ts\n(.*?)^ *\* ```$/gms)].map((match) => {
    const example = match[1]!.replace(/^ *\* ?/gm, '');
    const lines = Object.entries(SURROUNDINGS).flatMap(([name, line]) => (isIn(name, example) ? line.split('\n') : []));
    const surroundings = ["import assert from 'node:assert/strict';", ...new Set(lines)].join('\n');
    const names = Object.keys(metrics).filter((name) => name !== 'default');
    const imports = [
      importLine(names, '@finpilot/metrics', surroundings + example),
      importLine(ownNames, ownFile, example),
    ];
    const code = `${imports.join('\n')}\n${surroundings}\n{\n${withCheckedValues(example)}}\n`;
    const place = `${path}:${text.slice(0, match.index).split('\n').length}`;
    return { place, language: 'ts', fragment: undefined, parts: [{ code }] };
  });
}

function importLine(names: readonly string[], from: string, text: string): string {
  return `import { ${names.filter((name) => isIn(name, text)).join(', ')} } from '${from}';`;
}

/** Turns `linearBuckets(0, 5, 4); // [0, 5, 10, 15]` into an assertion. */
function withCheckedValues(example: string): string {
  return example.replace(/^(\w.*); \/\/ (\[.*\])$/gm, 'assert.deepEqual($1, $2);');
}

function isIn(name: string, example: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(example);
}
