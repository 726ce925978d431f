import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Family } from '../../../lib/core.ts';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import type { LineOptions, LineStyle } from '../../../lib/exposition/text/family-lines.ts';
import type { NumberLines } from '../../../lib/exposition/text/number-lines.ts';
import type { NumberSeries } from '../../../lib/model/family.ts';
import { assertRoom } from '../../support/assert-room.ts';
import { freshModule } from '../../support/fresh-module.ts';

// The lines of series that are given by hand, composed in a memory that nothing has made larger.

interface Module {
  readonly NumberLines: typeof NumberLines;
}

const PATH = 'exposition/text/number-lines';
/** Of 25 characters, the most. */
const LONGEST = -0.0000012345678901234567;
/** Of 21 characters. */
const START = 0.0012345678901234567;
const STYLE: LineStyle = { sampleName: 'x', names: NAME_SCHEMES.values };

function newLines(
  { NumberLines }: Module,
  series: readonly NumberSeries[],
  style: Partial<LineStyle> = {},
  options: Partial<LineOptions> = {},
): NumberLines {
  const common = { name: 'x', help: '', unit: '', labelNames: ['l'], constantLabels: [], cache: new Map() };
  const family = { ...common, type: 'counter', series } as Family & { readonly type: 'counter' };
  const all = { hasExemplars: false, createdSeconds: undefined, ...options };
  return new NumberLines(family, { ...STYLE, ...style }, all);
}

test('NumberLines makes room for label values, exemplars, start times and _created lines', async () => {
  const one = (l: string, t: string): NumberSeries => ({
    labelValues: [l],
    value: LONGEST,
    exemplar: { labels: { t }, value: LONGEST, timestampSeconds: -LONGEST },
  });
  const exemplar = (t: string): string => ` # {t="${t}"} ${LONGEST} ${-LONGEST}`;
  const cases: readonly (readonly [Partial<LineStyle>, Partial<LineOptions>, (l: string, t: string) => string])[] = [
    [{}, {}, (l) => `x{l="${l}"} ${LONGEST}\n`],
    [
      { createdName: 'x_created' },
      { hasExemplars: true, createdSeconds: -LONGEST },
      (l, t) => `x{l="${l}"} ${LONGEST}${exemplar(t)}\nx_created{l="${l}"} ${-LONGEST}\n`,
    ],
    [
      { isOpenMetrics2: true },
      { hasExemplars: true, createdSeconds: -LONGEST },
      (l, t) => `x{l="${l}"} ${LONGEST} st@${-LONGEST}${exemplar(t)}\n`,
    ],
    [{ isOpenMetrics2: true }, { createdSeconds: -LONGEST }, (l) => `x{l="${l}"} ${LONGEST} st@${-LONGEST}\n`],
    // Copied in steps of eight bytes, a start of 25 bytes takes the most beyond its end.
    [{ isOpenMetrics2: true }, { createdSeconds: START }, (l) => `x{l="${l}"} ${LONGEST} st@${START}\n`],
  ];
  for (const [style, options, lineOf] of cases) {
    // The label, or the exemplar; one series, or one behind two others.
    for (const isLabel of [true, false]) {
      const pairOf = (text: string): readonly [string, string] => (isLabel ? [text, ''] : ['', text]);
      if (lineOf(...pairOf('a')) === lineOf(...pairOf(''))) continue;
      for (const othersOf of [() => [], (text: string) => ['a', text]]) {
        const pairsOf = (text: string) => [...othersOf(text), text].map((one) => pairOf(one));
        await assertRoom<Module>(
          PATH,
          (fresh, text) => {
            const series = pairsOf(text).map((pair) => one(...pair));
            return newLines(fresh, series, style, options).linesOf(0, series.length);
          },
          (text) =>
            pairsOf(text)
              .map((pair) => lineOf(...pair))
              .join(''),
        );
      }
    }
  }
});

test('NumberLines makes room for values, start times and exemplars that become longer or shorter in cached lines', async () => {
  const exemplarOf = (length: number) => ({ labels: { t: 'y'.repeat(length) }, value: LONGEST, timestampSeconds: 1 });
  for (const isTimed of [false, true]) {
    const style = { isOpenMetrics2: isTimed };
    const options = isTimed ? { hasExemplars: true, createdSeconds: -LONGEST } : {};
    for (const [seriesCount, least, most] of [
      [3, 0, 24],
      [40, 0, 64],
      [40, 800, 1700],
    ] as const) {
      for (let length = least; length < most; length += 1 + Math.floor(most / 100)) {
        const fresh = await freshModule<Module>(PATH);
        const series = Array.from({ length: seriesCount }, (_, i) => ({
          labelValues: [i === seriesCount - 1 ? 'x'.repeat(length) : ''],
          value: 1,
          exemplar: exemplarOf(0),
        }));
        const lines = newLines(fresh, series, style, options);
        const check = (): void => {
          const expected = series.map(({ labelValues: [l], value, exemplar }) => {
            const rest = ` st@${-LONGEST} # {t="${exemplar.labels['t']}"} ${LONGEST} 1`;
            return `x{l="${l}"} ${value}${isTimed ? rest : ''}\n`;
          });
          assert.equal(new TextDecoder().decode(lines.linesOf(0, seriesCount)), expected.join(''));
        };
        check();
        for (const [changed, value, exemplarLength] of [
          [1, 12_345, 0],
          [2, 123_456, 5],
          [2, LONGEST, 5],
          [1, 1, 90],
          [seriesCount, LONGEST, 0],
          [seriesCount, -LONGEST, 60],
          [seriesCount, 2, 0],
        ] as const) {
          for (const one of series.slice(0, changed))
            Object.assign(one, { value, exemplar: exemplarOf(exemplarLength) });
          check();
        }
      }
    }
  }
});

test('NumberLines.linesOf() has the lines of the series that are asked for, though more or fewer are cached', async () => {
  const series = Array.from({ length: 5 }, (_, i) => ({ labelValues: [`${i}`], value: i }));
  const lines = newLines(await freshModule<Module>(PATH), series);
  for (const end of [3, 2, 3, 5, 1, 4, 5]) {
    for (const one of series) one.value++;
    const expected = series.slice(0, end).map(({ labelValues: [l], value }) => `x{l="${l}"} ${value}\n`);
    assert.equal(new TextDecoder().decode(lines.linesOf(0, end)), expected.join(''));
  }
});

/** The lines of series as they are now. */
function expectedLines(series: readonly NumberSeries[]): string {
  return series
    .map(({ labelValues: [l], value, exemplar }) => {
      const behind = exemplar === undefined ? '' : ` # {t="${exemplar.labels['t']}"} ${exemplar.value}`;
      return `x{l="${l}"} ${value}${behind}\n`;
    })
    .join('');
}

function assertLines(lines: NumberLines): void {
  const written = new TextDecoder().decode(lines.linesOf(0, lines.series.length));
  assert.ok(written === expectedLines(lines.series), `of ${written.length} characters`);
}

test('NumberLines makes room for the longest values in cached lines that fit its first memory before', async () => {
  for (const changed of [[0], [7], [0, 4, 8], [9], Array.from({ length: 10 }, (_, i) => i)]) {
    for (let count = 565; count < 640; count++) {
      // Characters of three bytes, for which no more room is made than they take.
      const series = Array.from({ length: 10 }, (_, i) => ({
        labelValues: [i === changed.at(-1) ? '漢'.repeat(count) : ''],
        value: 1,
      }));
      const lines = newLines(await freshModule<Module>(PATH), series);
      assertLines(lines);
      for (const i of changed) series[i]!.value = LONGEST;
      assertLines(lines);
    }
  }
});

test('NumberLines keeps the positions of lines whose values or exemplars make them longer than 64 KiB', async () => {
  const exemplarOf = (length: number) => ({ labels: { t: 'y'.repeat(length) }, value: 1 });
  for (const labelLength of [300, 490, 495, 500, 505, 510, 520]) {
    for (const hasExemplars of [false, true]) {
      const series = Array.from({ length: 128 }, (_, i) => ({
        labelValues: [`${i}`.padStart(labelLength, 'x')],
        value: 1,
        exemplar: hasExemplars ? exemplarOf(0) : undefined,
      }));
      const lines = newLines(await freshModule<Module>(PATH), series, {}, { hasExemplars });
      assertLines(lines);
      for (const [value, length] of [
        [LONGEST, 400],
        [-LONGEST, 400],
        [7, 3],
      ] as const) {
        for (const one of series) Object.assign(one, { value, ...(hasExemplars && { exemplar: exemplarOf(length) }) });
        assertLines(lines);
        series[127]!.value = 12_345;
        assertLines(lines);
      }
    }
  }
});

test('NumberLines of several families keep the exemplars of each apart, though they share one', async () => {
  const fresh = await freshModule<Module>(PATH);
  const exemplars = ['', 'a longer one', 'b'].map((t) => ({ labels: { t }, value: 1 }));
  const families = exemplars.map((exemplar, i) => [
    { labelValues: ['a'], value: i, exemplar },
    { labelValues: ['b'.repeat(i)], value: 10 ** i, exemplar },
  ]);
  const all = families.map((series) => newLines(fresh, series, {}, { hasExemplars: true }));
  for (let round = 0; round < 6; round++) {
    for (const [i, lines] of all.entries()) {
      assertLines(lines);
      families[i]![round % 2]!.exemplar = exemplars[(round + i) % 3]!;
      assertLines(lines);
      families[i]![0]!.value *= 100;
      assertLines(lines);
    }
  }
});
