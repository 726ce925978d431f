import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type FromWorker, randomId } from '../aggregate/message.ts';
import { errorCode, errorText } from '../model/error-text.ts';
import type { Gatherer } from '../model/family.ts';
import { MetricsServer } from '../server/metrics-server.ts';
import { HeartbeatReader } from './heartbeat.ts';
import {
  type CheckDescription,
  EVENT_LOOP,
  type FromThread,
  isOfReport,
  type ThreadStart,
  type ToThread,
} from './messages.ts';
import { ReportedMetrics } from './reported-metrics.ts';
import { type Announcement, openChannel } from './shared/announcements.ts';
import { SharedReader } from './shared/shared-reader.ts';

// The program of a metrics thread. `startMetricsThread()` starts it; imported anywhere else, it does nothing.

/** How often series are taken that no scrape has asked for. */
const CATCH_UP_MILLISECONDS = 1000;

/** Runs the server of a metrics thread until the program closes it. */
async function serve(start: ThreadStart, send: (message: FromThread | object) => void): Promise<void> {
  const heartbeat = new HeartbeatReader(start.heartbeat);
  const reported = new ReportedMetrics(heartbeat, start.restarts, send);
  const { shared, takeMissed } = readShared(start);
  const metrics: Gatherer = {
    async gather(options) {
      const families = await reported.gather(options);
      await shared.catchUp();
      // Read last, so that they are the latest. A metric that is shared in one thread is not taken from another's report.
      const live = shared.families();
      const names = new Set(live.map(({ name }) => name));
      return [...families.filter(({ name }) => !names.has(name)), ...live];
    },
  };
  const server = new MetricsServer({ ...start.options, registry: metrics });
  const checks = new RemoteChecks(server, heartbeat, start, send);
  let finish: () => void = () => undefined;
  const isFinished = new Promise<void>((resolve) => (finish = resolve));
  parentPort!.on('message', (message: ToThread | FromWorker) => {
    if (isOfReport(message)) return reported.take(message as FromWorker);
    const said = message as ToThread;
    switch (said.kind) {
      case 'add-check':
        return checks.add(said.check);
      case 'remove-check':
        return checks.remove(said.path, said.name);
      case 'missed':
        return takeMissed(said.announcements);
      case 'checked':
        return checks.settle(said.run, said.isOk, said.error);
      case 'close':
        return void server.close(isFinished).then(() => send({ kind: 'closed' }));
      case 'finish':
        return finish();
    }
  });
  try {
    await server.listen();
    send({ kind: 'listening', port: server.port });
  } catch (error) {
    send({ kind: 'failed', message: errorText(error), code: errorCode(error) });
  }
}

/** Reads the shared memory of all threads, those that start later too. */
function readShared({ shared: { kept, announcements } }: ThreadStart): {
  shared: SharedReader;
  takeMissed: (announcements: readonly Announcement[]) => void;
} {
  const shared = new SharedReader(true);
  shared.takeKept(kept);
  for (const announcement of announcements) shared.take(announcement);
  const marks = new Map<string, () => void>();
  openChannel((announcement) => {
    if (announcement.kind === 'mark') marks.get(announcement.id)?.();
    else shared.take(announcement);
  });
  const voice = openChannel(() => undefined);
  voice.say({ kind: 'who' });
  // So that no scrape meets many new series.
  setInterval(() => void shared.catchUp(), CATCH_UP_MILLISECONDS).unref();
  return {
    shared,
    takeMissed(missed) {
      // Messages of the program may come before earlier ones of the channel: those are heard first.
      const id = randomId();
      marks.set(id, () => {
        marks.delete(id);
        shared.takeMissed(missed);
      });
      voice.say({ kind: 'mark', id });
    },
  };
}

/** The checks of the program, which run there: the server asks for each by message. */
class RemoteChecks {
  readonly #server: MetricsServer;
  readonly #heartbeat: HeartbeatReader;
  readonly #limits: Readonly<Record<CheckDescription['path'], number>>;
  readonly #send: (message: FromThread) => void;
  /** Ends the runs that the program has not answered yet. */
  readonly #pending = new Map<number, (isOk: boolean, error: string | undefined) => void>();
  #lastRun = 0;

  constructor(
    server: MetricsServer,
    heartbeat: HeartbeatReader,
    start: ThreadStart,
    send: (message: FromThread) => void,
  ) {
    this.#server = server;
    this.#heartbeat = heartbeat;
    this.#limits = { health: start.unhealthyAfterSeconds, ready: start.unreadyAfterSeconds };
    this.#send = send;
    server.addHealthCheck(EVENT_LOOP, () => this.#checkLoop('health'));
    server.addReadinessCheck(EVENT_LOOP, () => this.#checkLoop('ready'));
    for (const check of start.checks) this.add(check);
  }

  add({ path, name, timeoutSeconds }: CheckDescription): void {
    const run = (): Promise<boolean> => this.#run(path, name);
    const options = timeoutSeconds === undefined ? {} : { timeoutSeconds };
    if (path === 'health') this.#server.addHealthCheck(name, run, options);
    else this.#server.addReadinessCheck(name, run, options);
  }

  remove(path: CheckDescription['path'], name: string): void {
    if (path === 'health') this.#server.removeHealthCheck(name);
    else this.#server.removeReadinessCheck(name);
  }

  /** Takes the result of a run. */
  settle(run: number, isOk: boolean, error: string | undefined): void {
    this.#pending.get(run)?.(isOk, error);
    this.#pending.delete(run);
  }

  #run(path: CheckDescription['path'], name: string): Promise<boolean> {
    this.#checkLoop(path); // a loop that is known to be blocked would only let the check time out
    const run = ++this.#lastRun;
    this.#send({ kind: 'check', run, path, name });
    return new Promise((resolve, reject) => {
      this.#pending.set(run, (isOk, error) => (error === undefined ? resolve(isOk) : reject(new Error(error))));
    });
  }

  #checkLoop(path: CheckDescription['path']): void {
    const blocked = this.#heartbeat.blockedSeconds;
    const limit = this.#limits[path];
    if (blocked < limit) return;
    throw new Error(`The event loop has been blocked for ${blocked.toFixed(1)} s, expected less than ${limit} s.`);
  }
}

if (!isMainThread && parentPort !== null && isThreadStart(workerData)) {
  const port = parentPort;
  process.on('warning', ({ message, ...warning }) => {
    port.postMessage({ kind: 'warning', code: errorCode(warning) ?? 'METRICS_THREAD_WARNING', message });
  });
  // Not awaited: CommonJS has no await here, and bundlers write it too. A failure ends the thread.
  void serve(workerData, (message) => port.postMessage(message));
}

function isThreadStart(data: unknown): data is ThreadStart {
  return typeof data === 'object' && data !== null && 'heartbeat' in data && 'unhealthyAfterSeconds' in data;
}
