import type { ParsedType } from '../parsed-family.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Suffix } from '../suffixes.ts';

/** The label that tells the samples of one metric apart, and the samples that have it. */
export interface PointLabel {
  readonly name: string;
  readonly suffix: Suffix;
}

/** The point label of a type; undefined for those whose samples have all their labels in common. */
export function pointLabelOf(type: ParsedType, familyName: string): PointLabel | undefined {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
      return { name: 'le', suffix: '_bucket' };
    case 'summary':
      return { name: 'quantile', suffix: '' };
    case 'stateset':
      return { name: familyName, suffix: '' };
    case 'counter':
    case 'gauge':
    case 'info':
    case 'unknown':
      return undefined;
  }
}

/** Finds the point label of a sample: the samples that need it must have it, and no others. */
export function findPointLabel(line: SampleLine, pointLabel: PointLabel): void {
  const { labels, name } = line;
  const index = labels.indexOf(pointLabel.name);
  if (line.suffix === pointLabel.suffix) {
    if (index === -1) line.failSample(`the label ${pointLabel.name} on ${name}`, 'none');
    labels.pointIndex = index;
  } else if (index !== -1) {
    line.scanner.fail(labels.starts[index]!, `no label ${pointLabel.name} on ${name}`);
  }
}
