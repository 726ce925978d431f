import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case, Measurement } from './case.ts';
import { PROJECT_FOLDER } from './folders.ts';
import { measureInFreshProcess } from './fresh-process.ts';
import { OURS } from './library.ts';
import { type Reading, readingOf } from './reading.ts';

/** What a figure was in another revision and is in this tree. */
export interface BeforeAndAfter {
  readonly before: Reading;
  readonly after: Reading;
}

/** Another revision of this repository, built outside the tree. `close()` removes it. */
export class Revision {
  readonly #folder = mkdtempSync(join(tmpdir(), 'metrics-revision-'));

  /** Unpacks the revision and builds it as a fresh clone is built, with what it depends on itself. Throws if Git or npm fail. */
  constructor(name: string) {
    try {
      const archive = execFileSync('git', ['archive', name], { cwd: PROJECT_FOLDER, maxBuffer: 2 ** 30 });
      execFileSync('tar', ['-x', '-C', this.#folder], { input: archive });
      // Standard output is for the table.
      execFileSync('npm', ['run', '--silent', 'build'], { cwd: this.#folder, stdio: ['ignore', 2, 2] });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Measures a case in the revision and in this tree in turns, with this tree's bench. Keyed by figure name. */
  measureInTurns(measured: Case, rounds: number, isSlowOnPurpose = false): Record<string, BeforeAndAfter> {
    const before: Record<string, Measurement>[] = [];
    const after: Record<string, Measurement>[] = [];
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`${measured.figures[0]!.name}, round ${round}\n`);
      before.push(measureInFreshProcess(measured, `${OURS}@${this.#folder}`));
      after.push(measureInFreshProcess(measured, OURS, { isSlowOnPurpose }));
    }
    const readingIn = (processes: readonly Record<string, Measurement>[], name: string) =>
      readingOf(processes.map((measurements) => measurements[name]!));
    return Object.fromEntries(
      measured.figures.map(({ name }) => [name, { before: readingIn(before, name), after: readingIn(after, name) }]),
    );
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
