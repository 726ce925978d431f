import type { Family, Series } from '../model/family.ts';
import { escapeLabelValue } from './escape.ts';

/** The labels of a series in the text formats, `{a="x",b="y"}`, the constant ones last; empty if there are none. */
export function labelsText(family: Family, series: Series): string {
  const list = labelList(family, series);
  return list === '' ? '' : `{${list}}`;
}

/** The labels of a series without the braces around them. */
export function labelList(family: Family, series: Series): string {
  const values = series.labelValues;
  let list = '';
  family.labelNames.forEach((name, i) => (list += `${i === 0 ? '' : ','}${name}="${escapeLabelValue(values[i]!)}"`));
  for (const [name, value] of family.constantLabels) list += `${list === '' ? '' : ','}${name}="${escapeLabelValue(value)}"`;
  return list;
}
