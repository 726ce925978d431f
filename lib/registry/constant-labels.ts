import { type LabelValue, labelValueText, wellFormed } from '../model/label-value.ts';
import { checkLabelNames, type NameValidationScheme, underscoredLabelName } from '../model/names.ts';

/** Labels that a registry adds to every series. */
export type ConstantLabels = readonly (readonly [name: string, value: string])[];

/** Returns a registry's constant labels as they are exposed. Throws on a name or value that could not be. */
export function checkConstantLabels(
  labels: Readonly<Record<string, LabelValue>>,
  scheme: NameValidationScheme,
): ConstantLabels {
  const names = Object.keys(labels);
  checkLabelNames(names, 'constant labels', scheme);
  return names.map((name) => [name, wellFormed(labelValueText(labels[name], name, 'constant labels'))] as const);
}

/** Returns the constant labels that a family with these labels of its own gets: its own win, also where escaping meets. */
export function withoutOwn(labels: ConstantLabels, labelNames: readonly string[]): ConstantLabels {
  const own = new Set(labelNames.map(underscoredLabelName));
  return labels.filter(([name]) => !own.has(underscoredLabelName(name)));
}
