import { MetricsRegistry, register } from '@finpilot/metrics';
import { sharedMemory } from '@finpilot/metrics/thread';
import { readOptions, USAGE } from './read-options.ts';
import { startFinpilot } from './start-finpilot.ts';

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === undefined) process.stdout.write(USAGE);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Runs FinPilot until it is told to stop. */
async function main(options: NonNullable<ReturnType<typeof readOptions>>): Promise<void> {
  const registry = options.thread ? new MetricsRegistry({ storage: sharedMemory() }) : register;
  const finpilot = await startFinpilot({ ...options, registry });
  // `once`: whoever cannot wait presses Ctrl+C a second time, and Node ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(`${signal}: stopping.`);
      void finpilot.stop();
    });
  }
  const { blockSeconds } = options;
  if (blockSeconds !== undefined) {
    process.on('SIGUSR2', () => {
      console.log(`SIGUSR2: blocking the event loop for ${blockSeconds} s.`);
      finpilot.block(blockSeconds);
    });
  }
  console.log(`FinPilot is scanning, one day of the calendar every ${options.paceSeconds} s. Look at

  ${finpilot.url}/         the metrics live, for a browser
  ${finpilot.url}/metrics  the metrics, as Prometheus reads them
  ${finpilot.url}/health   liveness
  ${finpilot.url}/ready    readiness

Ctrl+C stops it.`);
  await finpilot.stopped;
}
