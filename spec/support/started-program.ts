import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';

/** Where to leave word of what has to be cleaned up: a test's context, or `fileCleanup()`. */
export interface Cleanup {
  after(clean: () => Promise<void> | void): void;
}

/** What to start. */
export interface ProgramToStart {
  readonly program: string;
  readonly args: readonly string[];
  /** The folder to run in; this process's own unless given. */
  readonly folder?: string;
  /** Set beside this process's variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder for this program alone, which is removed when the program has ended. */
  readonly ownFolder?: string;
}

/** How a program ended: by an exit code, or by a signal. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Programs that were told to stop and do not: they are ended for good. */
const STUBBORN_AFTER_MILLISECONDS = 10_000;

/** All that has not ended, for the case that this process is told to end before its tests have. */
const running = new Set<StartedProgram>();

process.once('exit', () => {
  for (const program of running) program.end();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/**
 * A program that runs beside the tests: its output is kept, and it does not outlive them, whether they pass, fail or
 * are broken off (but for a SIGKILL, which nobody sees coming).
 */
export class StartedProgram {
  readonly #name: string;
  readonly #child: ChildProcess;
  /** The folder for this program alone, if it has one. */
  readonly ownFolder: string | undefined;
  #output = '';
  #end: ProgramEnd | undefined;
  /** Resolves when it has ended and all its output has been read; rejects if it could not be started. */
  readonly ended: Promise<ProgramEnd>;

  /** Starts the program. Throws nothing: what cannot be started rejects {@link ended}. */
  constructor(cleanup: Cleanup, { program, args, folder, environment, ownFolder }: ProgramToStart) {
    this.#name = program;
    this.ownFolder = ownFolder;
    const env = { ...process.env, ...environment };
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder ?? process.cwd(), env });
    this.#child = child;
    running.add(this);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.#output += text));
    }
    this.ended = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#output += `${error.message}\n`;
        this.#end = { code: null, signal: null };
        reject(new Error(`Cannot start ${program}: ${error.message}`, { cause: error }));
      });
      child.once('close', (code, signal) => {
        this.#end = { code, signal };
        resolve(this.#end);
      });
    });
    this.ended.catch(() => undefined); // whoever waits for it is told; nobody has to
    cleanup.after(() => this.stop().then(() => undefined));
  }

  /** The process id; undefined if the program could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Its output so far, standard output and standard error interleaved. */
  get output(): string {
    return this.#output;
  }

  /** Throws an `Error` with the program's last words if it has ended. */
  requireRunning(): void {
    if (this.#end === undefined) return;
    const { code, signal } = this.#end;
    throw new Error(
      `Cannot go on: expected ${this.#name} to run, got ${signal ?? `exit code ${code}`}. ` +
        `Its output ends with:\n${this.#output.slice(-2000)}`,
    );
  }

  /** Asks it to stop, if it has not ended; resolves when it has, and its own folder is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ProgramEnd> {
    const stubborn = setTimeout(() => this.#child.kill('SIGKILL'), STUBBORN_AFTER_MILLISECONDS);
    try {
      this.#child.kill(signal);
      return await this.ended.catch(() => ({ code: null, signal: null }));
    } finally {
      clearTimeout(stubborn);
      this.end();
    }
  }

  /** Ends it at once, and removes its own folder. */
  end(): void {
    running.delete(this);
    this.#child.kill('SIGKILL');
    if (this.ownFolder !== undefined) rmSync(this.ownFolder, { recursive: true, force: true });
  }
}
