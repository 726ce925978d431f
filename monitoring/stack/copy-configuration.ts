import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from '../../spec/support/files-below.ts';
import { packageRoot } from '../../spec/support/package-root.ts';

/** The folders of monitoring/ whose files Prometheus and Alertmanager read. */
const FOLDERS = ['prometheus', 'scaling', 'alertmanager'];

const PACED =
  /^((?: |- )*(?:scrape_interval|scrape_timeout|evaluation_interval|interval|for|group_wait|group_interval): )\S+$/gm;

/** The changes in a copy of the configuration. */
export interface Differences {
  /** Every interval, and the time that an alert waits: what takes a minute in earnest has to show within seconds. */
  readonly intervalSeconds: number;
  /** What stands in the copy instead of a text, such as `localhost:8000`. */
  readonly replacements: Readonly<Record<string, string>>;
}

/** Copies the configuration of monitoring/ into a folder. Windows of queries stay as they are. */
export function copyConfiguration(folder: string, { intervalSeconds, replacements }: Differences): void {
  const monitoring = join(packageRoot(), 'monitoring');
  const files = FOLDERS.flatMap((name) => filesBelow(join(monitoring, name)).map((path) => join(name, path)));
  for (const path of files.filter((file) => file.endsWith('.yml'))) {
    let text = readFileSync(join(monitoring, path), 'utf8').replace(PACED, `$1${intervalSeconds}s`);
    for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
