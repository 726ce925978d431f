import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Case } from '../case.ts';
import { type Entry, entryUrl, folderOf, isOurs } from '../library.ts';
import { weigh } from '../weigh.ts';
import { fillCounters } from './scrapes.ts';

const CPU_WITH_SCRAPES = 'CPU with default metrics and a scrape of 10,000 series every 15 s';

/** The idle cost of the library: memory, time to import, bytes to ship, processor time. */
export const footprintCases: readonly Case[] = [
  {
    figures: [
      {
        name: 'endpoint with the FinPilot catalogue, heap and external',
        unit: 'KB',
        target: { atMost: 1024 },
        isGuarded: true,
      },
      { name: 'endpoint with the FinPilot catalogue, resident', unit: 'MB', target: { atMost: 4 }, isGuarded: true },
    ],
    isForPeers: false,
    processRounds: 1,
    run: async (library) => {
      const endpoint = `
        import { createFinpilotMetrics } from '${entryUrl(library.name, './finpilot')}';
        import { Registry, startMetricsServer } from '${entryUrl(library.name, '.')}';
        const registry = new Registry();
        const catalogue = createFinpilotMetrics(registry);
        const server = await startMetricsServer({ port: 0, host: '127.0.0.1', registry });`;
      const bare = `
        import 'data:text/javascript,';
        process.getBuiltinModule('node:http').createServer().listen(0, '127.0.0.1');`;
      const rounds = Array.from({ length: 5 }, () => {
        const [[heap, resident], [bareHeap, bareResident]] = [memoryOf(endpoint), memoryOf(bare)];
        return { heap: (heap - bareHeap) / 1024, resident: (resident - bareResident) / 1024 ** 2 };
      });
      return {
        'endpoint with the FinPilot catalogue, heap and external': { rounds: rounds.map(({ heap }) => heap) },
        'endpoint with the FinPilot catalogue, resident': { rounds: rounds.map(({ resident }) => resident) },
      };
    },
  },
  importCase('import of the package, on top of node:http', '.', 8, true),
  importCase('import of the core', './core', 3, false),
  vendoredImportCase('import of a vendored copy', '.', 'index.js'),
  vendoredImportCase('import of the core of a vendored copy', './core', 'core.js'),
  {
    figures: [
      { name: 'core, minified and gzipped', unit: 'KB', target: { atMost: 12 }, isGuarded: true },
      { name: 'core and every format, minified and gzipped', unit: 'KB', target: {}, isGuarded: true },
    ],
    isForPeers: false,
    processRounds: 1,
    run: async (library) => {
      const { atOnce, inAll } = weigh(fileURLToPath(entryUrl(library.name, './core')));
      return {
        'core, minified and gzipped': { rounds: [atOnce] },
        'core and every format, minified and gzipped': { rounds: [inAll] },
      };
    },
  },
  {
    figures: [{ name: 'idle CPU with default metrics', unit: '%', target: { atMost: 0.1 }, isGuarded: false }],
    isForPeers: true,
    processRounds: 3,
    run: async (library) => {
      library.collectDefaultMetrics(new library.Registry());
      // What starting up left behind, compilation and collection, is over by then.
      await setTimeout(1_000);
      const before = process.cpuUsage();
      const start = performance.now();
      await setTimeout(4_000);
      const { user, system } = process.cpuUsage(before);
      return {
        'idle CPU with default metrics': { rounds: [((user + system) / 1_000 / (performance.now() - start)) * 100] },
      };
    },
  },
  {
    figures: [{ name: CPU_WITH_SCRAPES, unit: '%', target: { atMost: 0.2 }, isGuarded: false }],
    isForPeers: true,
    processRounds: 1,
    run: async (library) => {
      const registry = new library.Registry();
      library.collectDefaultMetrics(registry);
      const { change } = fillCounters(library, registry, 10_000, 1);
      const render = library.scraperOf(registry);
      await render();
      await setTimeout(1_000);
      const before = process.cpuUsage();
      const start = performance.now();
      for (let scrape = 0; scrape < 3; scrape++) {
        await setTimeout(15_000);
        const updates = process.cpuUsage();
        change();
        const { user, system } = process.cpuUsage(updates);
        before.user += user;
        before.system += system;
        await render();
      }
      const { user, system } = process.cpuUsage(before);
      return { [CPU_WITH_SCRAPES]: { rounds: [((user + system) / 1_000 / (performance.now() - start)) * 100] } };
    },
  },
];

function importCase(name: string, entry: Entry, atMost: number, isForPeers: boolean): Case {
  return {
    figures: [{ name, unit: 'ms', target: { atMost }, isGuarded: false }],
    isForPeers,
    run: async (library) => {
      const specifier = isOurs(library) ? entryUrl(library.name, entry) : library.name;
      const rounds: number[] = [];
      // The first process finds the files outside the system's cache; it is not counted.
      for (let round = -1; round < 5; round++) {
        const milliseconds = importTimeOf(specifier);
        if (round >= 0) rounds.push(milliseconds);
      }
      return { [name]: { rounds } };
    },
  };
}

/** Measures the import of a copy as `npm run vendor` makes it, in turn with that of the package, which is the floor. */
function vendoredImportCase(name: string, entry: Entry, file: string): Case {
  return {
    figures: [{ name, unit: 'ms', target: { timesFloor: 1.2 }, isGuarded: true }],
    isForPeers: false,
    run: async (library) => {
      const folder = mkdtempSync(join(tmpdir(), 'finpilot-vendored-'));
      try {
        const build = folderOf(library.name);
        const vendor = [join(build, '.ci', 'vendor.mjs'), '--from', join(build, 'dist', 'lib'), '--force'];
        execFileSync(process.execPath, [...vendor, join(folder, 'copy')]);
        const copy = pathToFileURL(join(folder, 'copy', file)).href;
        const rounds: number[] = [];
        const floorRounds: number[] = [];
        for (let round = -1; round < 15; round++) {
          const [copied, published] = [importTimeOf(copy), importTimeOf(entryUrl(library.name, entry))];
          if (round < 0) continue;
          rounds.push(copied);
          floorRounds.push(published);
        }
        return { [name]: { rounds, floorRounds } };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Imports a module in a fresh process; returns the milliseconds that it took. */
function importTimeOf(specifier: string): number {
  const importer = fileURLToPath(new URL('../import-time.js', import.meta.url));
  return Number(execFileSync(process.execPath, [importer, specifier], { encoding: 'utf8' }));
}

/** Runs a module in a process; returns the bytes of its heap and external memory, and of its resident set, when it is idle. */
function memoryOf(program: string): [heap: number, resident: number] {
  const measured = `${program}
    for (let i = 0; i < 8; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    process.stdout.write(JSON.stringify([heapUsed + external, rss]));
    process.exit(0);`;
  const output = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', measured], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as [heap: number, resident: number];
}
