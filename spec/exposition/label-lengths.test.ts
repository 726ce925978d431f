import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Family, PrometheusExporter } from '../../lib/core.ts';
import { type DecodedFamily, decodeProtobuf } from '../support/decode-protobuf.ts';

// Encoders compose series in memory that grows to twice what one needs. Here one series makes it grow, and then come series
// that take a little less or more than all of it, so one for which too little was reserved does not fit.

const LONGEST_NUMBER = -0.0000012345678901234567;
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const OPENMETRICS_2 = 'application/openmetrics-text;version=2.0.0';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
/** More characters than in other specs, of three bytes, the most that a UTF-16 unit takes. */
const FIRST_LENGTH = 150_000;
const LENGTHS = [FIRST_LENGTH, ...Array.from({ length: 60 }, (_, i) => 2 * FIRST_LENGTH - 10 + i)];

const HEAD = { help: '', unit: '', labelNames: ['l'], constantLabels: [] };

/** A gauge; a counter with an exemplar if that has a label. */
function numbers(labelValue: string, exemplarValue?: string): Family {
  const isCounter = exemplarValue !== undefined;
  const exemplar = isCounter ? exemplarOf(exemplarValue) : undefined;
  const series = [{ labelValues: [labelValue], value: LONGEST_NUMBER, exemplar }];
  const type = isCounter ? 'counter' : 'gauge';
  return { ...HEAD, name: 'g', type, hasExemplars: isCounter, createdSeconds: 5, cache: new Map(), series };
}

function histogram(labelValue: string, exemplarValue?: string): Family {
  const exemplars = exemplarValue === undefined ? undefined : [exemplarOf(exemplarValue)];
  const series = [{ labelValues: [labelValue], bucketCounts: [1], sum: LONGEST_NUMBER, exemplars }];
  const rest = { hasExemplars: exemplars !== undefined, createdSeconds: 5, upperBounds: [], cache: new Map(), series };
  return { ...HEAD, name: 'h', type: 'histogram', ...rest };
}

function exemplarOf(value: string) {
  return { labels: { 漢: value }, value: LONGEST_NUMBER, timestampSeconds: -LONGEST_NUMBER };
}

async function render(family: Family, accept?: string, createdLines = false): Promise<Uint8Array> {
  return new PrometheusExporter({ gather: async () => [family] }, { createdLines }).render(accept);
}

async function linesOf(family: Family, accept: string, createdLines = false): Promise<string> {
  return new TextDecoder().decode(await render(family, accept, createdLines)).replace(/^#.*\n/gm, '');
}

/** The assertion of node:assert would spend seconds on the difference between such texts. */
function assertSame(text: string, expected: string, length: number): void {
  assert.ok(text === expected, `${text.length} characters instead of ${expected.length}, for labels of ${length}`);
}

test('the text formats have room for a label value of any length', async () => {
  for (const length of LENGTHS) {
    const value = '漢'.repeat(length);
    assertSame(await linesOf(numbers(value), 'text/plain'), `g{l="${value}"} ${LONGEST_NUMBER}\n`, length);
    const expected = `h_bucket{l="${value}",le="+Inf"} 1\nh_sum{l="${value}"} ${LONGEST_NUMBER}\nh_count{l="${value}"} 1\n`;
    assertSame(await linesOf(histogram(value), 'text/plain'), expected, length);
  }
});

test('OpenMetrics has room for exemplars and _created lines of any length', async () => {
  for (const length of LENGTHS) {
    const value = '漢'.repeat(length);
    const exemplar = ` # {"漢"="${value}"} ${LONGEST_NUMBER} ${-LONGEST_NUMBER}\n`;
    assertSame(
      await linesOf(numbers(value, ''), OPENMETRICS, true),
      `g_total{l="${value}"} ${LONGEST_NUMBER}${exemplar.replace(value, '')}g_created{l="${value}"} 5\n`,
      length,
    );
    const numbersText = await linesOf(numbers('', value), OPENMETRICS);
    assertSame(numbersText, `g_total{l=""} ${LONGEST_NUMBER}${exemplar}`, length);
    const histogramText = await linesOf(histogram('', value), OPENMETRICS);
    assertSame(histogramText, `h_bucket{l="",le="+Inf"} 1${exemplar}`, length);
  }
});

test('OpenMetrics 2.0 has room for labels, start times and exemplars of any length', async () => {
  for (const length of LENGTHS) {
    const value = '漢'.repeat(length);
    const exemplar = (of: string): string => ` # {"漢"="${of}"} ${LONGEST_NUMBER} ${-LONGEST_NUMBER}\n`;
    const number = `g{l="${value}"} ${LONGEST_NUMBER} st@5${exemplar('')}`;
    assertSame(await linesOf(numbers(value, ''), OPENMETRICS_2), number, length);
    assertSame(
      await linesOf(numbers('', value), OPENMETRICS_2),
      `g{l=""} ${LONGEST_NUMBER} st@5${exemplar(value)}`,
      length,
    );
    const composite = `{count:1,sum:${LONGEST_NUMBER},bucket:[+Inf:1]} st@5`;
    assertSame(await linesOf(histogram(value), OPENMETRICS_2), `h{l="${value}"} ${composite}\n`, length);
    assertSame(await linesOf(histogram('', value), OPENMETRICS_2), `h{l=""} ${composite}${exemplar(value)}`, length);
  }
});

test('the text formats have room for cached lines whose values become longer', async () => {
  const count = 128;
  for (const length of [FIRST_LENGTH, ...Array.from({ length: 60 }, (_, i) => 2 * FIRST_LENGTH - 1500 + 25 * i)]) {
    const value = '漢'.repeat(length);
    const series = Array.from({ length: count }, (_, i) => ({ labelValues: [i === 64 ? value : `${i}`], value: 1 }));
    const family: Family = { ...HEAD, name: 'g', type: 'gauge', cache: new Map(), series };
    const expected = (): string =>
      series.map((one) => `g{l="${one.labelValues[0]}"} ${one.value === 1 ? 1 : LONGEST_NUMBER}\n`).join('');
    assertSame(await linesOf(family, 'text/plain'), expected(), length);
    series[0]!.value = LONGEST_NUMBER;
    assertSame(await linesOf(family, 'text/plain'), expected(), length);
    for (const one of series) one.value = LONGEST_NUMBER;
    assertSame(await linesOf(family, 'text/plain'), expected(), length);
  }
});

test('the text formats keep the positions of lines in blocks of any size', async () => {
  for (const labelLength of [400, 470, 485, 495, 500, 505, 510, 600]) {
    const series = Array.from({ length: 128 }, () => ({
      labelValues: ['x'.repeat(labelLength)],
      value: 1,
      exemplar: exemplarOf(''),
    }));
    for (const hasExemplars of [false, true]) {
      const cache = new Map();
      const type = hasExemplars ? 'counter' : 'gauge';
      const family = (kept: Map<string, object>): Family => ({
        ...HEAD,
        name: 'g',
        type,
        hasExemplars,
        cache: kept,
        series,
      });
      for (const one of series) Object.assign(one, { value: 1, exemplar: exemplarOf('') });
      await linesOf(family(cache), OPENMETRICS);
      for (const one of series) Object.assign(one, { value: 12, exemplar: exemplarOf('y'.repeat(300)) });
      await linesOf(family(cache), OPENMETRICS);
      for (const one of series) one.value = LONGEST_NUMBER;
      await linesOf(family(cache), OPENMETRICS);
      series[127]!.value = 1;
      const text = await linesOf(family(cache), OPENMETRICS);
      assertSame(text, await linesOf(family(new Map()), OPENMETRICS), labelLength);
    }
  }
});

test('encodeProtobuf() has room for label values and exemplars of any length', async () => {
  for (const length of LENGTHS) {
    const value = '漢'.repeat(length);
    for (const [label, exemplarValue] of [
      [value, undefined],
      ['', value],
    ] as const) {
      for (const family of [numbers(label, exemplarValue), histogram(label, exemplarValue)]) {
        const [{ metrics }] = decodeProtobuf(await render(family, PROTOBUF)) as [DecodedFamily];
        const [metric] = metrics;
        assert.ok(metric!.labels['l'] === label, `${family.name}, ${length}`);
        assert.equal(metric!.value ?? metric!.sum, LONGEST_NUMBER);
        const exemplar = metric!.exemplar ?? metric!.buckets?.[0]?.exemplar;
        assert.ok(exemplar?.labels['漢'] === exemplarValue, `${family.name}, ${length}`);
        assert.equal(exemplar?.value, exemplarValue === undefined ? undefined : LONGEST_NUMBER);
      }
    }
  }
});
