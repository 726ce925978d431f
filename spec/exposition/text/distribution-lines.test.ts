import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Family } from '../../../lib/core.ts';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import type { HistogramLines, SummaryLines } from '../../../lib/exposition/text/distribution-lines.ts';
import type { LineOptions, LineStyle } from '../../../lib/exposition/text/family-lines.ts';
import { assertRoom } from '../../support/assert-room.ts';
import { freshModule } from '../../support/fresh-module.ts';

interface Module {
  readonly HistogramLines: typeof HistogramLines;
  readonly SummaryLines: typeof SummaryLines;
}

const PATH = 'exposition/text/distribution-lines';
const LONGEST = 0.0000012345678901234567;
const COMMON = { name: 'x', help: '', unit: '', labelNames: ['l'], constantLabels: [], upperBounds: [], quantiles: [] };
const STYLE: LineStyle = { sampleName: 'x', names: NAME_SCHEMES.values };

function linesOf(fresh: Module, family: Partial<Family>, style: LineStyle, options: Partial<LineOptions>): Uint8Array {
  const Lines = family.type === 'summary' ? fresh.SummaryLines : fresh.HistogramLines;
  const whole = { ...COMMON, cache: new Map(), ...family } as never;
  const lines = new Lines(whole, style, { hasExemplars: false, createdSeconds: undefined, ...options });
  return lines.linesOf(0, lines.series.length);
}

test('HistogramLines makes room for label values and the longest numbers, with and without a _created line', async () => {
  for (const [boundCount, name] of [
    [26, 'x'],
    [0, 'x'.repeat(200)],
  ] as const) {
    const upperBounds = Array.from({ length: boundCount }, (_, i) => i);
    const bucketCounts = [-LONGEST, ...upperBounds.map(() => 0)];
    const family = (l: string): Partial<Family> => ({
      type: 'histogram',
      upperBounds,
      series: [{ labelValues: [l], bucketCounts, sum: -LONGEST }],
    });
    for (const [isCreated, hasPointsFirst] of [
      [false, false],
      [true, false],
      [true, true],
    ] as const) {
      const style = {
        ...STYLE,
        sampleName: name,
        hasPointsFirst,
        ...(isCreated && { createdName: `${name}_created` }),
      };
      const bounds = [...upperBounds.map((bound) => (hasPointsFirst ? `${bound}` : `${bound}.0`)), '+Inf'];
      await assertRoom<Module>(
        PATH,
        (fresh, l) => linesOf(fresh, family(l), style, { createdSeconds: LONGEST }),
        (l) =>
          bounds
            .map((le) => (hasPointsFirst ? `le="${le}",l="${l}"` : `l="${l}",le="${le}"`))
            .map((labels) => `${name}_bucket{${labels}} ${-LONGEST}\n`)
            .join('') +
          `${name}_sum{l="${l}"} ${-LONGEST}\n${name}_count{l="${l}"} ${-LONGEST}\n` +
          (isCreated ? `${name}_created{l="${l}"} ${LONGEST}\n` : ''),
      );
    }
  }
});

test('HistogramLines makes room for exemplars, and for a series behind others', async () => {
  const exemplar = (t: string) => ({ labels: { t }, value: -LONGEST, timestampSeconds: LONGEST });
  const exemplarText = (t: string): string => ` # {t="${t}"} ${-LONGEST} ${LONGEST}`;
  const series = (t: string) => ({
    labelValues: [''],
    bucketCounts: [0, 0],
    sum: 0,
    exemplars: [exemplar(t), exemplar('')],
  });
  const lines = (t: string): string =>
    `x_bucket{l="",le="1.0"} 0${exemplarText(t)}\nx_bucket{l="",le="+Inf"} 0${exemplarText('')}\n` +
    'x_sum{l=""} 0\nx_count{l=""} 0\n';
  await assertRoom<Module>(
    PATH,
    (fresh, t) =>
      linesOf(fresh, { type: 'histogram', upperBounds: [1], series: ['a', t, t].map(series) }, STYLE, {
        hasExemplars: true,
      }),
    (t) => lines('a') + lines(t) + lines(t),
  );
});

test('SummaryLines makes room for quantiles', async () => {
  const quantiles = Array.from({ length: 20 }, (_, i) => i / 32);
  const quantileValues = quantiles.map(() => -LONGEST);
  await assertRoom<Module>(
    PATH,
    (fresh, l) =>
      linesOf(
        fresh,
        { type: 'summary', quantiles, series: [{ labelValues: [l], quantileValues, sum: -LONGEST, count: LONGEST }] },
        STYLE,
        {},
      ),
    (l) =>
      quantiles.map((q) => `x{l="${l}",quantile="${Number.isInteger(q) ? `${q}.0` : q}"} ${-LONGEST}\n`).join('') +
      `x_sum{l="${l}"} ${-LONGEST}\nx_count{l="${l}"} ${LONGEST}\n`,
  );
});

test('HistogramLines makes room for the labels of a point, which are composed once for all points', async () => {
  const series = (l: string) => ({ labelValues: [l], bucketCounts: [1], sum: 2 });
  const family = (l: string): Partial<Family> => ({
    type: 'histogram',
    upperBounds: [],
    series: [series('a'), series(l)],
  });
  // Of every length around the 256 bytes in which they are composed at first.
  for (const sampleName of ['x', 'xy', 'xyz']) {
    for (let length = 76; length < 88; length++) {
      const l = '漢'.repeat(length);
      const lines = linesOf(await freshModule<Module>(PATH), family(l), { ...STYLE, sampleName }, {});
      const expected = ['a', l].map(
        (one) =>
          `${sampleName}_bucket{l="${one}",le="+Inf"} 1\n${sampleName}_sum{l="${one}"} 2\n${sampleName}_count{l="${one}"} 1\n`,
      );
      assert.equal(new TextDecoder().decode(lines), expected.join(''));
    }
  }
});

test('HistogramLines writes up to 128 lines of several series in a step, and one series at least', async () => {
  const { HistogramLines } = await freshModule<Module>(PATH);
  for (const boundCount of [0, 1, 2, 3, 11, 59, 60, 61, 123, 124, 125, 200]) {
    const upperBounds = Array.from({ length: boundCount }, (_, i) => i);
    const family = { ...COMMON, type: 'histogram', upperBounds, cache: new Map(), series: [] } as never;
    const { seriesPerStep } = new HistogramLines(family, STYLE, { hasExemplars: false, createdSeconds: undefined });
    // Buckets with that of infinity; sum, count and _created.
    const lines = boundCount + 4;
    assert.ok(seriesPerStep === 1 || seriesPerStep * lines <= 128, `${boundCount}: ${seriesPerStep}`);
    assert.ok((seriesPerStep + 1) * lines > 128, `${boundCount}: ${seriesPerStep}`);
  }
});
