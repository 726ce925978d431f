import type { Family, Gatherer } from '../model/family.ts';
import { type LabelValue, labelValueText, wellFormed } from '../model/label-value.ts';
import { refuse } from '../model/names.ts';
import { type Sample, samplesOf } from '../model/samples.ts';
import { checkIsRegistry } from './check-is-registry.ts';

/**
 * Resolves to the value of one sample of a registry, after its collectors have run; to `undefined` if there is none.
 *
 * `name` is the sample's, as any format exposes it: `scans_total`; of a histogram `x_bucket`, `x_sum` and `x_count`.
 * `labels` are all of its labels, constant ones too, in any order; one that is empty counts as absent, as it does for
 * Prometheus. `le` and `quantile` may be numbers: 1, '1' and '1.0' are the same bucket.
 *
 * Rejects with a TypeError if the registry, the name or a label value is invalid, and with a RangeError if an existing
 * metric cannot have such a sample: a histogram's own name, or a bucket without its `le`.
 *
 * Looks at every series of the metric: meant for tests.
 *
 * @example
 * ```ts
 * const registry = new MetricsRegistry();
 * const scans = new Counter({ name: 'scans_total', help: 'Scans.', labelNames: ['strategy'], registers: [registry] });
 * scans.inc({ strategy: 'swing' });
 * assert.equal(await sampleValue(registry, 'scans_total', { strategy: 'swing' }), 1);
 * ```
 */
export async function sampleValue(
  registry: Gatherer,
  name: string,
  labels: Readonly<Record<string, LabelValue>> = {},
): Promise<number | undefined> {
  checkIsRegistry(registry, 'read a sample');
  if (typeof name !== 'string') {
    refuse('read a sample', 'its name to be a string', name);
  }
  if (typeof labels !== 'object' || labels === null) {
    refuse(`read sample "${name}"`, 'an object of labels', labels);
  }
  const wanted = wantedLabels(labels, name);
  let byOtherName: number | undefined;
  for (const family of await registry.gather()) {
    checkCanBeSample(family, name, wanted);
    for (const sample of samplesOf(family)) {
      const [textName, ...otherNames] = namesOf(family, sample);
      if ((textName !== name && !otherNames.includes(name)) || !hasLabels(sample, wanted, name)) continue;
      if (textName === name) return sample.value;
      byOtherName ??= sample.value; // unless another family has this name in the text formats
    }
  }
  return byOtherName;
}

/** The labels by name, without those that are empty; values as they are exposed. */
function wantedLabels(labels: Readonly<Record<string, LabelValue>>, sampleName: string): Map<string, string> {
  const wanted = new Map<string, string>();
  for (const [name, value] of Object.entries(labels)) {
    const text = wellFormed(labelValueText(value, name, sampleName));
    if (text !== '') wanted.set(name, text);
  }
  return wanted;
}

/** The names of a sample: that of the text formats first, and that of OpenMetrics if it has another one. */
function namesOf({ name, type }: Family, { suffix }: Sample): string[] {
  if (type === 'counter' && !name.endsWith('_total')) return [name, `${name}_total`];
  const isTotal = suffix === '_sum' || suffix === '_count';
  return type === 'gaugehistogram' && isTotal ? [name + suffix, name + suffix.replace('_', '_g')] : [name + suffix];
}

function hasLabels(sample: Sample, wanted: ReadonlyMap<string, string>, sampleName: string): boolean {
  const labels = Object.entries(sample.labels).filter(([, value]) => value !== '');
  const numbers = (['le', 'quantile'] as const).filter((name) => sample[name] !== undefined);
  if (labels.length + numbers.length !== wanted.size) return false;
  return (
    labels.every(([name, value]) => wanted.get(name) === value) &&
    numbers.every((name) => {
      const text = wanted.get(name);
      return text !== undefined && pointNumber(text, name, sampleName) === sample[name];
    })
  );
}

/** The number that a `le` or `quantile` says, which has several spellings. */
function pointNumber(text: string, label: string, sampleName: string): number {
  const number = text.trim() === text ? Number(text.replace(/^([+-])Inf$/, '$1Infinity')) : NaN;
  if (!Number.isNaN(number)) return number;
  refuse(`read sample "${sampleName}"`, `${label} to be a number such as 0.5 or "+Inf"`, text, RangeError);
}

/** Throws on a name or labels that no sample of the family will ever have: a slip, which `undefined` would hide. */
function checkCanBeSample(family: Family, name: string, wanted: ReadonlyMap<string, string>): void {
  const isHistogram = family.type === 'histogram' || family.type === 'gaugehistogram';
  if (isHistogram && name === family.name) {
    throw new RangeError(
      `Cannot read sample "${name}": expected the name of a sample, got that of a ${family.type}. ` +
        `Its samples are "${name}_bucket", "${name}_sum" and "${name}_count".`,
    );
  }
  const isBucket = isHistogram && name === `${family.name}_bucket`;
  const isQuantile = family.type === 'summary' && name === family.name;
  const label = isBucket ? 'le' : isQuantile ? 'quantile' : undefined;
  if (label === undefined || wanted.has(label)) return;
  throw new RangeError(
    `Cannot read sample "${name}" of ${family.type} "${family.name}": expected the label ${label}, got none.`,
  );
}
