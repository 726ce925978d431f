import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../support/package-root.ts';

const script = readFileSync(join(packageRoot(), 'monitoring', 'node', 'classic.sed'), 'utf8');
const substitutions = [...script.matchAll(/^s\/(\w+)\/(\w+)\/g$/gm)].map(
  ([, from = '', to = '']) => [from, to] as const,
);

/** Does what `sed -f classic.sed` does to a plain file of monitoring/node. */
export function inClassicNames(text: string): string {
  return substitutions.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
}
