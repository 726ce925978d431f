import { Counter } from '@finpilot/metrics';
import { sharedMemory, startMetricsThread } from '@finpilot/metrics/thread';

// Prints what a metrics thread serves. Its file, `thread-worker.js`, is a second entry of the bundle.

const shared = new Counter({ name: 'shared_total', help: 'Shared.', storage: sharedMemory() });
const reported = new Counter({ name: 'reported_total', help: 'Reported.' });
reported.inc(2);
// A bundle in CommonJS says where the file is.
const place = typeof __dirname === 'undefined' ? {} : { workerUrl: `${__dirname}/thread-worker.cjs` };
startMetricsThread({ port: 0, host: '127.0.0.1', selfMetrics: false, ...place }).then(async (thread) => {
  shared.inc(3);
  const text = await (await fetch(`${thread.url}/metrics`)).text();
  console.log(JSON.stringify(text.match(/^(shared|reported)_total .*/gm)));
  await thread.close();
});
