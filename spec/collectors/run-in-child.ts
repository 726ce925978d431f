import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { deadline } from '../support/deadline.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** The URL of a module of `lib`, named without extension: the source, or what it was compiled to, as this file is. */
export function moduleUrl(path: string): string {
  return new URL(`../../lib/${path}.${extension}`, import.meta.url).href;
}

/**
 * Runs `body` as an ES module in a process of its own, which must end by itself within 20 seconds. It finds
 * `collectDefaultMetrics`, `MetricsRegistry`, `register` and `print`, whose argument is what is returned here.
 */
export async function runInChild(body: string, flags: readonly string[] = []): Promise<unknown> {
  const program = `
    const print = (value) => console.log(JSON.stringify(value));
    const { collectDefaultMetrics } = await import(${JSON.stringify(moduleUrl('collectors/collect-default-metrics'))});
    const { MetricsRegistry } = await import(${JSON.stringify(moduleUrl('registry/metrics-registry'))});
    const { register } = await import(${JSON.stringify(moduleUrl('registry/register'))});
    ${body}`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', program], {
    timeout: deadline(20),
  });
  return JSON.parse(stdout);
}
