import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RealServer, startRealServer } from '../support/real-server.ts';
import type { RealProgram } from '../support/real-system.ts';
import type { Cleanup } from '../support/started-program.ts';

/**
 * Starts a Prometheus that scrapes and evaluates rules each second, as `scrapeConfigs` says; given as a function, it is told the folder of this
 * Prometheus, where files that it names may go. `features` are those that it has to be started with. It ends with the test
 * or file of `cleanup`.
 */
export function startPrometheus(
  cleanup: Cleanup,
  program: RealProgram,
  scrapeConfigs: string | ((folder: string) => string),
  features: readonly string[] = [],
): Promise<RealServer> {
  return startRealServer(cleanup, program, {
    readyPath: '/-/ready',
    args: (port, folder) => {
      const config = join(folder, 'prometheus.yml');
      const scrapes = typeof scrapeConfigs === 'string' ? scrapeConfigs : scrapeConfigs(folder);
      writeFileSync(config, `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }\n${scrapes}`);
      const store = `--storage.tsdb.path=${join(folder, 'data')}`;
      const enabled = features.length === 0 ? [] : [`--enable-feature=${features.join(',')}`];
      return [
        `--config.file=${config}`,
        store,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
        ...enabled,
      ];
    },
  });
}
