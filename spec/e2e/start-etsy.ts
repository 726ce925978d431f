import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEMS } from '../bridges/systems.ts';
import { type Cleanup, StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';

/** etsy's statsd while it runs: what it knows is read through its management port. */
export interface Etsy {
  /** For UDP and TCP. */
  readonly port: number;
  readonly program: StartedProgram;
  /** Totals since it was started. */
  read(what: 'counters' | 'gauges'): Promise<Record<string, number>>;
}

/** Starts etsy's statsd of spec/bridges/systems, which must be installed. It ends with `cleanup`. */
export async function startEtsy(cleanup: Cleanup, port: number, managementPort: number): Promise<Etsy> {
  const folder = mkdtempSync(join(tmpdir(), 'finpilot-metrics-'));
  const servers = ['udp', 'tcp'].map((kind) => ({ server: `./servers/${kind}`, address: '127.0.0.1', port }));
  // Nothing is flushed meanwhile: a flush sets counters back to 0.
  const config = {
    port,
    mgmt_port: managementPort,
    mgmt_address: '127.0.0.1',
    flushInterval: 3_600_000,
    backends: [],
    servers,
  };
  writeFileSync(join(folder, 'config.js'), JSON.stringify(config));
  const args = [join(SYSTEMS, 'node_modules', 'statsd', 'stats.js'), join(folder, 'config.js')];
  const program = new StartedProgram(cleanup, { program: process.execPath, args, ownFolder: folder });
  const ask = (what: string): Promise<string> => {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(managementPort, '127.0.0.1', () => socket.write(`${what}\n`));
      socket
        .setEncoding('utf8')
        .on('error', reject)
        .on('data', (part: string) => {
          text += part;
          if (text.includes('END')) socket.destroy();
        });
      socket.on('close', () => resolve(text));
    });
  };
  await until('an answer of statsd', () => {
    program.requireRunning();
    return ask('counters').then(
      (text) => text.includes('END') || undefined,
      () => undefined,
    );
  });
  return {
    port,
    program,
    async read(what) {
      const pairs = [...(await ask(what)).matchAll(/^ *'?([^\s'].*?)'?: (-?[\d.e+-]+),?$/gm)];
      return Object.fromEntries(pairs.map(([, name = '', value]) => [name, Number(value)]));
    },
  };
}
