import type { Cleanup } from '../../spec/support/started-program.ts';
import { areSumsGood } from './compare-sums.ts';
import { reportLines } from './print-report.ts';
import { arePushesGood, pushEverywhere, pushLines } from './push-everywhere.ts';
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
    const cleanup = { after: (clean: (typeof cleans)[number]) => void cleans.push(clean) };
    const result = options.push ? await runPush(cleanup, options, say) : await runScrapes(cleanup, options, say);
    console.log(options.json ? JSON.stringify(result.report) : `\n${result.lines.join('\n')}`);
    if (!result.isGood) process.exitCode = 1;
  } finally {
    await Promise.all(cleans.map((clean) => clean()));
  }
}

/** How a run went. */
interface Result {
  readonly report: object;
  readonly lines: readonly string[];
  readonly isGood: boolean;
}

async function runScrapes(cleanup: Cleanup, options: StackOptions, say: (line: string) => void): Promise<Result> {
  const report = await runStack(cleanup, options, say);
  return { report, lines: reportLines(report), isGood: isAllGood(report) };
}

async function runPush(cleanup: Cleanup, options: StackOptions, say: (line: string) => void): Promise<Result> {
  const report = await pushEverywhere(cleanup, options, say);
  return { report, lines: pushLines(report), isGood: arePushesGood(report) };
}

function isAllGood({ panels, rules, sums }: StackReport): boolean {
  return panels.missing.length === 0 && rules.missing.length === 0 && areSumsGood(sums);
}
