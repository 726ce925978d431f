import assert from 'node:assert/strict';
import { before } from 'node:test';
import { deadline } from '../support/deadline.ts';
import { fileCleanup } from '../support/file-cleanup.ts';
import { packageRoot } from '../support/package-root.ts';
import type { RealServer } from '../support/real-server.ts';
import { findPrograms, type RealProgram, testOnEach } from '../support/real-system.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { startPrometheus } from './start-prometheus.ts';
import { type StartedScanner, startScanner } from './start-scanner.ts';

// The scanner with a metrics thread, its event loop blocked on purpose, scraped each second by every version of
// Prometheus that this machine has. FINPILOT_BLOCK_SECONDS=30 blocks it for as long as the figures in docs/thread.md say.

const BLOCK_SECONDS = Number(process.env['FINPILOT_BLOCK_SECONDS'] ?? 10);
const ALERT = 'ALERTS{alertname="FinpilotEventLoopBlocked",alertstate="firing"}';
const INFERENCES = 'finpilot_inference_duration_seconds_count';
/** In seconds. A busy machine is given more time. */
const SLOWEST_SCRAPE = deadline(0.2) / 1000;
const ACCURACY = deadline(0.1) / 1000;
/** Scrapes before and after the block. */
const AROUND = 3;

const cleanup = fileCleanup();
const programs = findPrograms('prometheus');
const servers = new Map<string, RealServer>();
let scanner: StartedScanner;
/** When the loop was told to block, in milliseconds since 1970. */
let blockedAt: number;
/** The alerts that were seen: after how many seconds they fired and were resolved, by the path of the Prometheus. */
const alerts = new Map<string, { readonly firing: number; readonly resolved: number }>();

before(blockOnce, { timeout: deadline(90 + 2 * BLOCK_SECONDS) });

async function blockOnce(): Promise<void> {
  if (programs.length === 0) return;
  scanner = await startScanner(cleanup, { paceMilliseconds: 100, blockSeconds: BLOCK_SECONDS });
  const rules = `${packageRoot()}/monitoring/prometheus/rules`;
  const config = `
rule_files: ['${rules}/limits.yml', '${rules}/instance-alerts.yml']
scrape_configs:
  - job_name: finpilot
    static_configs: [{ targets: ['${new URL(scanner.url).host}'] }]`;
  const scrapes = async (program: RealProgram): Promise<number> => (await samplesOf(program, 'up')).length;
  await Promise.all(
    programs.map(async (program) => {
      servers.set(program.path, await startPrometheus(cleanup, program, config));
      await until('scrapes', async () => ((await scrapes(program)) >= AROUND ? true : undefined));
    }),
  );
  await until('an inference', async () => ((await samplesOf(programs[0]!, INFERENCES)).length > 0 ? true : undefined));
  blockedAt = Date.now();
  process.kill(scanner.program.pid!, 'SIGUSR2');
  await Promise.all(programs.map(watchAlert));
  const before = await Promise.all(programs.map(scrapes));
  await Promise.all(
    programs.map((program, i) =>
      until('scrapes after the block', async () => {
        return (await scrapes(program)) >= before[i]! + AROUND ? true : undefined;
      }),
    ),
  );
}

async function watchAlert(program: RealProgram): Promise<void> {
  const options = { timeoutSeconds: 30 + BLOCK_SECONDS };
  const isFiring = async (): Promise<boolean> => (await apiOf(program).query(ALERT)).length > 0;
  await until('the alert to fire', async () => ((await isFiring()) ? true : undefined), options);
  const firing = (Date.now() - blockedAt) / 1000;
  await until('the alert to be resolved', async () => ((await isFiring()) ? undefined : true), options);
  alerts.set(program.path, { firing, resolved: (Date.now() - blockedAt) / 1000 });
}

function apiOf({ path }: RealProgram): PrometheusApi {
  return new PrometheusApi(servers.get(path)!.url);
}

function samplesOf(program: RealProgram, selector: string): ReturnType<PrometheusApi['samples']> {
  return apiOf(program).samples(selector);
}

/** The samples of scrapes that began while the loop was blocked, each with the seconds since the block began. */
async function samplesOfBlock(program: RealProgram, selector: string): Promise<{ value: number; seconds: number }[]> {
  return (await samplesOf(program, selector))
    .map(({ value, timestamp }) => ({ value, seconds: (timestamp - blockedAt) / 1000 }))
    .filter(({ seconds }) => seconds > ACCURACY && seconds < BLOCK_SECONDS - ACCURACY);
}

testOnEach(
  'prometheus',
  'A process whose loop is blocked stays up, and answers each scrape quickly',
  async (program, t) => {
    const ups = await samplesOfBlock(program, 'up');
    assert.ok(ups.length >= BLOCK_SECONDS - 2, `${ups.length} scrapes`);
    assert.deepEqual(new Set((await samplesOf(program, 'up')).map(({ value }) => value)), new Set([1]));
    const durations = (await samplesOfBlock(program, 'scrape_duration_seconds')).map(({ value }) => value);
    const slowest = Math.max(...durations);
    assert.ok(slowest <= SLOWEST_SCRAPE, `${slowest} s`);
    t.diagnostic(`blocked for ${BLOCK_SECONDS} s: ${ups.length} scrapes, up in each, the slowest ${slowest} s`);
  },
);

testOnEach('prometheus', 'Shared metrics rise from scrape to scrape while the loop is blocked', async (program, t) => {
  const inferences = (await samplesOfBlock(program, INFERENCES)).map(({ value }) => value);
  for (const [i, value] of inferences.entries()) if (i > 0) assert.ok(value > inferences[i - 1]!, `${inferences}`);
  t.diagnostic(`inferences: ${inferences.join(' ')}`);
});

testOnEach('prometheus', 'The blocked seconds are right during the block and after it', async (program, t) => {
  const blocked = await samplesOfBlock(program, 'nodejs_eventloop_blocked_seconds');
  const durations = await samplesOfBlock(program, 'scrape_duration_seconds');
  // The value is of some moment during the scrape.
  const errors = blocked.map(({ value, seconds }, i) => {
    return Math.max(seconds - value, value - seconds - durations[i]!.value, 0);
  });
  const [longest] = await apiOf(program).query('nodejs_eventloop_blocked_longest_seconds');
  errors.push(Math.abs(longest!.value - BLOCK_SECONDS));
  const worst = Math.max(...errors);
  assert.ok(worst <= ACCURACY, `${errors}`);
  const [{ value: now } = { value: NaN }] = await apiOf(program).query('nodejs_eventloop_blocked_seconds');
  assert.ok(now < 1, `${now} s after the block`);
  const [stalls] = await apiOf(program).query('nodejs_eventloop_stall_seconds_count');
  assert.ok(stalls!.value >= 1);
  t.diagnostic(`worst of ${errors.length} values: ${worst.toFixed(3)} s off, the longest ${longest!.value} s`);
});

testOnEach(
  'prometheus',
  'FinpilotEventLoopBlocked fires while the loop is blocked, and resolves after it',
  (program, t) => {
    const { firing, resolved } = alerts.get(program.path)!;
    assert.ok(firing < BLOCK_SECONDS && resolved >= BLOCK_SECONDS - ACCURACY, `${firing} s, ${resolved} s`);
    t.diagnostic(`firing after ${firing.toFixed(1)} s, resolved after ${resolved.toFixed(1)} s`);
  },
);
