// Writes the table of docs/environments.md: `node dist/spec/runtimes/write-environments.js`. The spec beside it tries what the
// table says.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { environmentsTable } from './environments.ts';

const page = join(packageRoot(), 'docs', 'environments.md');
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(/^\| where [^]*?\n\n/m, () => `${environmentsTable()}\n\n`),
);
