import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BUNDLER } from './folders.ts';

/** The files of an entry that are weighed. */
export interface Weight {
  /** Kilobytes, minified and gzipped, of what importing the entry loads. */
  readonly atOnce: number;
  /** The same with all that it may load later, by `import()`. */
  readonly inAll: number;
}

interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      { readonly entryPoint?: string; readonly imports: readonly { readonly path: string; readonly kind: string }[] }
    >
  >;
}

/** Bundles a file as a user's bundler would, and measures the size of the result. */
export function weigh(file: string): Weight {
  const folder = mkdtempSync(join(tmpdir(), 'finpilot-weigh-'));
  try {
    const options = [
      '--bundle',
      '--minify',
      '--splitting',
      '--format=esm',
      `--outdir=${folder}`,
      `--metafile=${join(folder, 'meta.json')}`,
    ];
    // From the folder of the file: paths below it go into the names of the chunks, and so into the bytes that are counted.
    const cwd = dirname(file);
    execFileSync(BUNDLER, [file, ...options, '--log-level=error'], { cwd });
    const { outputs } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Metafile;
    const paths = Object.keys(outputs);
    const entry = paths.find(
      (path) => outputs[path]!.entryPoint !== undefined && resolve(cwd, outputs[path]!.entryPoint!) === resolve(file),
    )!;
    const atOnce = new Set<string>();
    const visit = (path: string): void => {
      if (atOnce.has(path)) return;
      atOnce.add(path);
      for (const imported of outputs[path]!.imports) if (imported.kind !== 'dynamic-import') visit(imported.path);
    };
    visit(entry);
    const kilobytes = (files: Iterable<string>): number =>
      [...files].reduce((sum, path) => sum + gzipSync(readFileSync(resolve(cwd, path)), { level: 9 }).length / 1024, 0);
    return { atOnce: kilobytes(atOnce), inAll: kilobytes(paths) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
