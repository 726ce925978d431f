import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import { errorCode, errorText } from '../model/error-text.ts';
import type { Gatherer } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { register } from '../registry/register.ts';

/** Options for {@link writeTextfile}. */
export interface TextfileOptions {
  /** The registry to write; the default registry unless given. */
  readonly registry?: Gatherer;
  /**
   * The permissions of the file, whatever the process's umask is; 0o644 unless given, since node_exporter runs as another
   * user. Windows has no such permissions.
   */
  readonly mode?: number;
}

/**
 * Writes a registry's metrics to a file for the textfile collector of Prometheus' node_exporter, in the text format 0.0.4.
 * Made for cron jobs and other programs that end before they can be scraped.
 *
 * The metrics go to a temporary file in the same folder, which then replaces `path` in one step. So a reader finds the old
 * file or the new one, and after a crash the old one is still there; a process that is killed may leave a file whose name
 * ends in `.tmp`, which node_exporter ignores. Collectors that fail are left out, as in a scrape.
 *
 * Resolves when the file is on disk. Rejects with an Error that has Node's `code`, such as `ENOENT` for a folder that does
 * not exist, and with a TypeError or RangeError if an argument is invalid. What was at `path` is then unchanged.
 *
 * @example
 * ```ts
 * const folder = await mkdtemp(join(tmpdir(), 'textfile-'));
 * const registry = new MetricsRegistry();
 * const success = new Gauge({ name: 'backup_success_timestamp_seconds', help: 'Last success.', registers: [registry] });
 * success.setToCurrentTime();
 * await writeTextfile(join(folder, 'backup.prom'), { registry });
 * ```
 *
 * @see https://github.com/prometheus/node_exporter#textfile-collector
 */
export async function writeTextfile(path: string, options: TextfileOptions = {}): Promise<void> {
  checkOptions(options);
  const { registry = register, mode = 0o644 } = options;
  check(path, registry, mode);
  const { open, rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { basename, dirname } = process.getBuiltinModule('node:path');
  // A name may have 255 bytes, which that of the file may take already.
  const start = basename(path).slice(0, 50);
  const temporary = `${dirname(path)}/${start}.${process.getBuiltinModule('node:crypto').randomUUID()}.tmp`;
  const exporter = new PrometheusExporter(registry);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode); // open() has taken the bits of the umask away
      for await (const chunk of exporter.chunks()) {
        await file.writeFile(chunk);
        exporter.release(chunk);
      }
      // A rename may reach the disk before the content: after a power cut the file would be there, and empty.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw textfileError(path, error);
  }
}

/** By itself, so that this entry loads nothing of the other bridges. */
function checkOptions(options: unknown): void {
  const action = 'Cannot write metrics to a file: expected';
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${action} options as an object, got ${describe(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => name !== 'registry' && name !== 'mode');
  if (unknown === undefined) return;
  throw new TypeError(`${action} the options registry and mode, got ${describe(unknown)}. Look for a typing error.`);
}

function check(path: unknown, registry: unknown, mode: unknown): void {
  const action = 'Cannot write metrics to a file: expected';
  if (typeof path !== 'string') throw new TypeError(`${action} its path as a string, got ${describe(path)}.`);
  if (!path.endsWith('.prom')) {
    throw new RangeError(
      `${action} a path that ends in ".prom", got ${describe(path)}. node_exporter ignores other files.`,
    );
  }
  if (typeof (registry as Gatherer | null)?.gather !== 'function') {
    throw new TypeError(`${action} registry to be a registry, got ${describe(registry)}.`);
  }
  if (!Number.isInteger(mode) || (mode as number) < 0 || (mode as number) > 0o777) {
    throw new RangeError(`${action} mode as permissions from 0 to 0o777, got ${describe(mode)}.`);
  }
}

function textfileError(path: string, cause: unknown): Error {
  const code = errorCode(cause);
  const message = `Cannot write metrics to ${describe(path)}: ${remedyOf(code)} (${errorText(cause)}).`;
  return Object.assign(new Error(message, { cause }), { code });
}

function remedyOf(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return "expected its folder to exist. Create it, and give it to node_exporter's --collector.textfile.directory";
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'expected permission to write to its folder. Let the user of this process write there';
    case 'EISDIR':
      return 'expected a file, got a folder. Pass a path within it';
    case 'ENOSPC':
      return 'expected space on its disk. Free some';
    default:
      return 'expected to write and rename a file in its folder';
  }
}

/** The same names as the named exports. */
export default { writeTextfile };
