import type { Cleanup } from '../../spec/support/started-program.ts';
import { areSumsGood } from './compare-sums.ts';
import { reportLines } from './print-report.ts';
import { readOptions, type StackOptions, USAGE } from './read-options.ts';
import { runStack, type StackReport } from './run-stack.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Runs the stack, prints the report, and stops everything, whatever happens. */
async function main(options: StackOptions): Promise<void> {
  const cleans: Parameters<Cleanup['after']>[0][] = [];
  try {
    const say = options.json ? () => undefined : console.log;
    const report = await runStack({ after: (clean) => void cleans.push(clean) }, options, say);
    console.log(options.json ? JSON.stringify(report) : `\n${reportLines(report).join('\n')}`);
    if (!isAllGood(report)) process.exitCode = 1;
  } finally {
    await Promise.all(cleans.map((clean) => clean()));
  }
}

function isAllGood({ panels, rules, sums }: StackReport): boolean {
  return panels.missing.length === 0 && rules.missing.length === 0 && areSumsGood(sums);
}
