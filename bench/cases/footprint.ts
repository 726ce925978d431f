import { execFileSync } from 'node:child_process';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Case } from '../case.ts';
import { liveBytes } from '../harness.ts';
import { type Entry, entryUrl, isOurs } from '../library.ts';
import { weigh } from '../weigh.ts';

/** The idle cost of the library: memory, time to import, bytes to ship, processor time. */
export const footprintCases: readonly Case[] = [
  {
    figures: [
      {
        name: 'server and FinPilot catalogue on a bare node:http server',
        unit: 'KB',
        target: { atMost: 1024 },
        isGuarded: true,
      },
    ],
    isForPeers: false,
    nodeFlags: ['--expose-gc'],
    run: async (library) => {
      const bare = createServer((_request, response) => response.end('ok\n'));
      await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
      await fetchLength(`http://127.0.0.1:${(bare.address() as AddressInfo).port}/`);
      const before = await liveBytes();
      const { createFinpilotMetrics } = await import(entryUrl(library.name, './finpilot'));
      const registry = new library.Registry();
      const catalogue = createFinpilotMetrics(registry);
      const length = await fetchLength(await library.serve(registry));
      const bytes = (await liveBytes()) - before;
      if (length < 1_000)
        throw new RangeError(`Cannot trust the catalogue: expected its families, got ${length} bytes.`);
      if (catalogue === undefined)
        throw new TypeError('Cannot trust the catalogue: expected an object, got undefined.');
      return { 'server and FinPilot catalogue on a bare node:http server': { rounds: [bytes / 1024] } };
    },
  },
  importCase('import of the package, on top of node:http', '.', 8, true),
  importCase('import of the core', './core', 3, false),
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
];

function importCase(name: string, entry: Entry, atMost: number, isForPeers: boolean): Case {
  const importer = fileURLToPath(new URL('../import-time.js', import.meta.url));
  return {
    figures: [{ name, unit: 'ms', target: { atMost }, isGuarded: false }],
    isForPeers,
    run: async (library) => {
      const specifier = isOurs(library) ? entryUrl(library.name, entry) : library.name;
      const rounds: number[] = [];
      // The first process finds the files outside the system's cache; it is not counted.
      for (let round = -1; round < 5; round++) {
        const output = execFileSync(process.execPath, [importer, specifier], { encoding: 'utf8' });
        if (round >= 0) rounds.push(Number(output));
      }
      return { [name]: { rounds } };
    },
  };
}

function fetchLength(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length));
      response.on('end', () => resolve(length));
    });
    request.on('error', reject);
  });
}
