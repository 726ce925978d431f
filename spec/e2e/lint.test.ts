import assert from 'node:assert/strict';
import { PrometheusExporter } from '../../lib/core.ts';
import type { Family } from '../../lib/model/family.ts';
import { lint } from '../../lib/testing/index.ts';
import { packageRoot } from '../support/package-root.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { promtoolComplaints } from './promtool-complaints.ts';

// lint() and the real promtool look at the same random registries, whose names break every rule there is.

const REGISTRIES = 20;
const FAMILIES = 60;

const TYPES = ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'] as const;
/** One to a name: of several, the promtools at hand report any. */
const UNITS = [
  'amperes bytes celsius grams joules kelvin meters metres seconds volts minutes hours days weeks kelvins fahrenheit',
  'rankine inches yards miles bits calories pounds ounces',
].flatMap((line) => line.split(' '));
const PREFIXES = [
  'pico nano micro milli centi deci deca hecto kilo mega giga tera peta kibi mibi mebi gibi tebi pebi',
  'kilokilo thermo Milli',
  '',
  '',
].flatMap((line) => line.split(' '));
const WORDS = [
  's ms us ns sec b kb mb gb tb pb m h d MS Kb kbs x _ é 漢字 a.b a-B a:b : fooBar FooBar FOO timestamp created',
  'counter gauge histogram summary untyped gauge_histogram Gauge counters info stateset unknown',
  '',
].flatMap((line) => line.split(' '));
const SUFFIXES = ['', '', '', '_total', '_bucket', '_count', '_sum', '_Total', '_total_', '_info'] as const;
const LABELS = ['le', 'quantile', 'fooBar', 'aB', 'state', 'LE', 'foo.barBaz', 'é', 'code'] as const;
const HELPS = ['', ' ', '\t', '\n', 'Help.', 'Help with \\ and \n.', '😀'] as const;

/** A rule that is younger than the promtools at hand. */
const YOUNGER = 'non-gauge metrics should not have "_timestamp_seconds" suffix';

testOnEach('promtool', 'lint() finds in random registries what promtool finds there', async (promtool, t) => {
  const isOld = / version [12]\./.test(runProgram(promtool.path, ['--version'], packageRoot()).stdout);
  const random = new SeededRandom(4);
  const met = new Set<string>();
  for (let i = 0; i < REGISTRIES; i++) {
    const families = Array.from({ length: FAMILIES }, (_, n) => randomFamily(random, n));
    const registry = { gather: async () => families };
    const exposition = new TextDecoder().decode(await new PrometheusExporter(registry).render());
    const types = new Map(
      [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
    );
    const lines = new Set(await promtoolComplaints(promtool, exposition));
    const complaints = [...lines].filter((line) => !isOld || !isOfOtherType(line, types));
    const unknown = isOld ? [YOUNGER, 'metric not unique'] : [YOUNGER];
    const problems = (await lint(registry)).filter(({ text }) => !unknown.includes(text));
    assert.deepEqual(problems.map(({ metric, text }) => `${underscored(metric)} ${text}`).sort(), complaints);
    for (const { text } of problems) met.add(text.replace(/"\w+" instead of "\w+"/, '…'));
  }
  t.diagnostic(`${met.size} kinds of problems in ${REGISTRIES * FAMILIES} metrics`);
  assert.equal(met.size, isOld ? 17 : 18);
});

/** Up to Prometheus 2, no metric might have the name of any type; from 3 on, none the name of its own. */
function isOfOtherType(complaint: string, types: ReadonlyMap<string, string>): boolean {
  const [, metric = '', type] = /^(\S+) metric name should not include type '(\w+)'$/.exec(complaint) ?? [];
  return type !== undefined && types.get(metric) !== type;
}

function underscored(name: string): string {
  return name.replace(/[^a-zA-Z0-9_:]/gu, '_');
}

/** `n` keeps the names of a registry apart, also those of the series that histograms and summaries have. */
function randomFamily(random: SeededRandom, n: number): Family {
  const words: string[] = Array.from({ length: random.int(3) }, () => random.pick(WORDS));
  if (random.int(3) === 0) words.splice(random.int(words.length + 1), 0, random.pick(PREFIXES) + random.pick(UNITS));
  const name = [`f${n}`, ...words].join(random.pick(['_', '_', '.'])) + random.pick(SUFFIXES);
  const type = random.pick(TYPES);
  const isHistogram = type === 'histogram' || type === 'gaugehistogram';
  // Not twice: these a histogram and a summary have already.
  const own = isHistogram ? 'le' : type === 'summary' ? 'quantile' : '';
  const labelNames = LABELS.filter((label) => random.int(8) === 0 && label !== own);
  const constantLabels = random.int(8) === 0 ? [['zoneName', 'eu'] as const] : [];
  const head = {
    name,
    help: random.pick(HELPS),
    unit: '',
    labelNames,
    constantLabels,
    cache: new Map<string, object>(),
  };
  const labelSets = (labelNames.length > 0 ? ['1', '2'] : ['1']).map((value) => labelNames.map(() => value));
  if (isHistogram) {
    const series = labelSets.map((labelValues) => ({ labelValues, bucketCounts: [1, 2], sum: 3 }));
    return { ...head, type, upperBounds: [1], series };
  }
  if (type === 'summary') {
    const series = labelSets.map((labelValues) => ({ labelValues, quantileValues: [1], sum: 3, count: 2 }));
    return { ...head, type, quantiles: [0.5], series };
  }
  const series = labelSets.map((labelValues) => ({ labelValues, value: 1 }));
  if (random.int(10) === 0) series.push(series[0]!);
  return { ...head, type, series };
}
