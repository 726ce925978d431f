import { underscoredLabelName, underscoredMetricName } from '../../model/names.ts';

/** How names are escaped. What is then still no name of letters, digits and `_` is put in quotes. */
export interface NameScheme {
  metric(name: string): string;
  label(name: string): string;
}

/** The scheme of scrapers that say nothing of escaping. */
export const UNDERSCORES: NameScheme = { metric: underscoredMetricName, label: underscoredLabelName };
