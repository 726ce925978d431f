// Reports the public surface: `npm run api` writes docs/api/ENTRY.md for each public entry; with `--check` it fails
// where a report differs from the declarations in dist/lib. Build first.
//
// A report lists every public name of an entry with its signature, so that each change of the surface shows in review.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENTRIES } from './entries.mjs';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tool = join(root, '.ci', 'api');
const reports = join(root, 'docs', 'api');
const isCheck = process.argv.includes('--check');

install(tool);
const { Extractor, ExtractorConfig } = createRequire(join(tool, 'package.json'))('@microsoft/api-extractor');

const entries = Object.entries(ENTRIES).map(([name, source]) => ({
  name: name === 'index' ? 'main' : name,
  types: `dist/${source.replace(/\.ts$/, '.d.ts')}`,
}));
const work = mkdtempSync(join(tmpdir(), 'finpilot-metrics-api-'));
try {
  const outdated = entries.filter(({ name, types }) => !report(name, types));
  if (isCheck && outdated.length > 0) {
    const names = outdated.map(({ name }) => name).join(', ');
    console.error(`The public surface of ${names} differs from docs/api. If you meant to change it, run: npm run api`);
    process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Makes the report of an entry; returns whether the one in docs/api was up to date, and rewrites it unless only checking. */
function report(name, types) {
  const { succeeded } = Extractor.invoke(configOf(name, join(root, types)), {
    localBuild: true,
    messageCallback: silence,
  });
  if (!succeeded) throw new Error(`Cannot report the surface of ${name}: the messages above say why`);
  const text = readFileSync(join(work, `${name}.api.md`), 'utf8');
  const path = join(reports, `${name}.md`);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return true;
  if (isCheck) return false;
  mkdirSync(reports, { recursive: true });
  writeFileSync(path, text);
  return false;
}

function configOf(name, types) {
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    types: ['node'],
    skipLibCheck: true,
  };
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: {
        enabled: true,
        reportFolder: work,
        reportTempFolder: join(work, 'temp'),
        reportFileName: `${name}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' }, 'ae-undocumented': { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

/** Keeps the extractor's notes about new files to itself; errors are printed. */
function silence(message) {
  if (message.logLevel !== 'error') message.handled = true;
}
