import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MetricsRegistry } from '@finpilot/metrics';
import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';
import { deadline } from '../support/deadline.ts';
import { fileCleanup } from '../support/file-cleanup.ts';
import { packageRoot } from '../support/package-root.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import type { ParsedFamily } from '../support/parsed-family.ts';
import { findPrograms, type RealProgram, testOnEach } from '../support/real-system.ts';
import { scrapeFaults } from '../support/scrape-faults.ts';
import { seriesKey } from '../support/series-key.ts';
import type { ProgramEnd } from '../support/started-program.ts';
import { promtoolComplaints } from './promtool-complaints.ts';
import { type StartedScanner, startScanner } from './start-scanner.ts';

// The scanner as `npm start` runs it, and what it answers. One run of it is recorded, from start to SIGTERM; each test
// is a claim on the record.

const SCRAPES = 200;
/** The slowest metrics to move take some 9 s: the first token that expires, the second episode of training. */
const LEAST_SECONDS = 12;
/** Ends a run that goes nowhere; on two busy cores the 200 scrapes take half of it. */
const MOST_SECONDS = 60;
/** Faster than the API lets the scanner through, so that it meets its rate limiter all the time. */
const PACE_MILLISECONDS = 100;

/** Metrics that are 1 as long as all is well. */
const CONSTANT = ['finpilot_health_status', 'finpilot_build_info'];

interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

interface Scrape extends Answer {
  readonly families: readonly ParsedFamily[];
}

const cleanup = fileCleanup();
const promtools = findPrograms('promtool');
const paths = new Map<string, Answer>();
const scrapes: Scrape[] = [];
/** By the path of each promtool: the lines that it printed about the scrapes, and of how many. */
const complaints = new Map(promtools.map(({ path }) => [path, new Map<string, number>()]));
let end: ProgramEnd & { readonly seconds: number };

before(record, { timeout: deadline(110) });

async function record(): Promise<void> {
  const scanner = await startScanner(cleanup, { paceMilliseconds: PACE_MILLISECONDS });
  for (const path of ['/', '/metrics', '/health', '/ready', '/nothing']) paths.set(path, await get(scanner, path));

  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  while (scrapes.length < SCRAPES || (unmoved().length > 0 && seconds() < MOST_SECONDS)) {
    const answer = await get(scanner, '/metrics');
    scrapes.push({ ...answer, families: parseExposition(answer.body) });
    const pause = sleep((LEAST_SECONDS * 1000) / SCRAPES);
    await Promise.all([pause, ...promtools.map((promtool) => check(promtool, answer.body))]);
  }

  const toldAt = performance.now();
  const { code, signal } = await scanner.program.stop('SIGTERM');
  end = { code, signal, seconds: (performance.now() - toldAt) / 1000 };
}

async function get({ url }: StartedScanner, path: string): Promise<Answer> {
  const response = await fetch(url + path, { signal: AbortSignal.timeout(10_000) });
  return { status: response.status, contentType: response.headers.get('content-type'), body: await response.text() };
}

async function check(promtool: RealProgram, exposition: string): Promise<void> {
  const lines = await promtoolComplaints(promtool, exposition);
  const counts = complaints.get(promtool.path)!;
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
}

/** The metrics of the catalogue that have not changed from one scrape to another, nor are 1 as they should be. */
function unmoved(): string[] {
  return catalogueNames().filter((name) => {
    const seen = scrapes.flatMap(({ families }) => families.filter((family) => family.name === name));
    if (CONSTANT.includes(name)) return !seen.some(({ samples }) => samples.every(({ value }) => value === 1));
    const firstValues = new Map<string, number>();
    const samples = seen.flatMap((family) => family.samples);
    return !samples.some((sample) => {
      const key = `${sample.name} ${seriesKey(sample.labels)}`;
      const first = firstValues.get(key);
      if (first === undefined) firstValues.set(key, sample.value);
      return first !== undefined && !Object.is(first, sample.value);
    });
  });
}

function catalogueNames(): string[] {
  const metrics = Object.values(createFinpilotMetrics(new MetricsRegistry()));
  return metrics.flatMap((metric) => (typeof metric === 'function' ? [] : [metric.name]));
}

test('the scanner answers on its four paths, and says which there are on any other', () => {
  const answers = [...paths].map(([path, { status, contentType }]) => [path, status, contentType]);
  assert.deepEqual(answers, [
    ['/', 200, 'text/html; charset=utf-8'],
    ['/metrics', 200, 'text/plain; version=0.0.4; charset=utf-8'],
    ['/health', 200, 'application/json'],
    ['/ready', 200, 'application/json'],
    ['/nothing', 404, 'text/plain; charset=utf-8'],
  ]);
  const body = (path: string): string => paths.get(path)!.body;
  for (const path of ['metrics', 'health', 'ready']) assert.ok(body('/').includes(`href="${path}"`), body('/'));
  for (const path of ['/metrics', '/health', '/ready']) assert.ok(body('/nothing').includes(path), body('/nothing'));
  for (const [path, name] of [
    ['/health', 'scanner'],
    ['/ready', 'market_data'],
  ] as const) {
    const { status, checks } = JSON.parse(body(path)) as { status: string; checks: Record<string, { status: string }> };
    assert.deepEqual([status, Object.keys(checks), checks[name]?.status], ['ok', [name], 'ok']);
  }
});

test('the scanner answers 200 scrapes with an exposition that a strict parser reads', (t) => {
  assert.ok(scrapes.length >= SCRAPES);
  for (const { status, families } of scrapes) {
    assert.equal(status, 200);
    assert.ok(families.some(({ name }) => name === 'finpilot_build_info'));
  }
  t.diagnostic(`${scrapes.length} scrapes, the last of ${scrapes.at(-1)!.families.length} families`);
});

test('the scanner exposes counters that never fall and histograms that are never torn', () => {
  for (const [i, { families }] of scrapes.entries()) {
    assert.deepEqual(scrapeFaults(scrapes[i - 1]?.families ?? [], families), [], `scrape ${i}`);
  }
});

test('the scanner moves every metric of the catalogue', () => {
  assert.deepEqual(unmoved(), []);
});

testOnEach('promtool', 'promtool accepts each scrape but for what docs/metrics.md explains', ({ path }, t) => {
  const counts = complaints.get(path)!;
  for (const [complaint, count] of counts) t.diagnostic(`in ${count} of ${scrapes.length} scrapes: ${complaint}`);
  const explained = explainedComplaints();
  assert.deepEqual(
    [...counts.keys()].filter((complaint) => !explained.includes(complaint)),
    [],
    'not explained',
  );
  assert.deepEqual(
    explained.filter((complaint) => !counts.has(complaint)),
    [],
    'explained, but never made',
  );
});

/** What promtool says by the page's section on it: the lines of the code block there. */
function explainedComplaints(): string[] {
  const page = readFileSync(join(packageRoot(), 'docs', 'metrics.md'), 'utf8');
  const block = /^## What promtool says\n[^#]*?```text\n([^`]*)```/m.exec(page)?.[1];
  assert.ok(block !== undefined, 'docs/metrics.md: expected a code block in "What promtool says", got none');
  return block.trimEnd().split('\n');
}

test('the scanner ends with exit code 0 within 5 seconds of SIGTERM', () => {
  const { code, signal, seconds } = end;
  assert.deepEqual([code, signal], [0, null]);
  assert.ok(seconds < 5, `it took ${seconds} s`);
});
