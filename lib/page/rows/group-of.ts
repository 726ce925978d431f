import { ROW_OF_METRIC } from './finpilot-rows.ts';

/** The titles of prefixes, where a title is not just the prefix. */
export const TITLES: Readonly<Record<string, string>> = {
  process: 'Process',
  nodejs: 'Node.js',
  finpilot: 'FinPilot, other',
};

/** The title of the group that a metric of this name is shown in: FinPilot's row, else its name's first word. */
export function groupOf(name: string): string {
  const [, finpilotName = ''] = /^finpilot_(.*)$/.exec(name) ?? [];
  if (Object.hasOwn(ROW_OF_METRIC, finpilotName)) return ROW_OF_METRIC[finpilotName]!;
  const prefix = /^_*[^_:]*/.exec(name)![0];
  return Object.hasOwn(TITLES, prefix) ? TITLES[prefix]! : prefix;
}
