import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Scale, SoakPart, SoakResult } from './soak-part.ts';
import { startTarget } from './start-target.ts';

/** The least share of a bare server's requests per second. */
const LEAST_RATIO = 0.7;
const CONNECTIONS = 64;

/** Requests per second by wrk, beside a bare node:http server that returns the same bytes. */
export const wrk: SoakPart = { name: 'wrk at full speed', run };

async function run(scale: Scale): Promise<SoakResult> {
  installWrk();
  const [leastRounds, mostRounds] = scale === 'full' ? [25, 25] : [8, 25];
  const bare = await startTarget({ kind: 'bare' });
  const metrics = await startTarget({ kind: 'metrics', server: { limits: { maxScrapesInFlight: CONNECTIONS } } });
  try {
    // The quickest of many short rounds, in turn. Whatever else the machine does only makes a round slower, so a share that
    // is too low is measured for longer before it counts: on two busy processors eight rounds read 0.56, 0.71 and 0.89.
    let ofBare = 0;
    let ofMetrics = 0;
    for (let round = 0; round < mostRounds; round++) {
      if (round >= leastRounds && ofMetrics >= LEAST_RATIO * ofBare) break;
      ofBare = Math.max(ofBare, await requestsPerSecond(bare.url));
      ofMetrics = Math.max(ofMetrics, await requestsPerSecond(metrics.url));
    }
    const ratio = ofMetrics / ofBare;
    return {
      figures: [
        ['metrics server, bare server', `${ofMetrics.toFixed(0)}, ${ofBare.toFixed(0)} requests a second`],
        ['share of the bare server', ratio.toFixed(2)],
      ],
      faults: ratio >= LEAST_RATIO ? [] : [`expected a share of at least ${LEAST_RATIO}, got ${ratio.toFixed(2)}`],
    };
  } finally {
    await Promise.all([bare.stop(), metrics.stop()]);
  }
}

async function requestsPerSecond(url: string): Promise<number> {
  const args = ['-t1', `-c${CONNECTIONS}`, '-d1', `${url}/metrics`];
  const { stdout } = await promisify(execFile)('wrk', args);
  if (/Non-2xx|Socket errors/.test(stdout))
    throw new Error(`Cannot trust wrk: expected answers of 200 only, got\n${stdout}`);
  return Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]);
}

/** wrk is a package of Debian; it is installed where apt is there and may be used. */
function installWrk(): void {
  const isThere = () => spawnSync('wrk', ['--version']).error === undefined;
  if (isThere()) return;
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq'];
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'wrk']]) {
    const [program, ...rest] = [...prefix, ...apt, ...args];
    spawnSync(program!, rest, { stdio: 'ignore', timeout: 120_000 });
  }
  if (!isThere())
    throw new Error('Cannot measure: expected the program wrk, got none. Install it: apt-get install wrk');
}
