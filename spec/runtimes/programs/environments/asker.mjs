// Asks a metrics thread until it says that the loop of the program is blocked.

import { get } from 'node:http';
import { workerData } from 'node:worker_threads';

const { url, seen } = workerData;

function ask() {
  const request = get(`${url}/metrics`, { agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => (text += part));
    response.on('end', () => {
      const [, blocked] = /^nodejs_eventloop_blocked_seconds (\S+)$/m.exec(text) ?? [];
      const [, shared] = /^shared_total (\S+)$/m.exec(text) ?? [];
      if (Number(blocked) > 0.2 && shared === '3' && text.includes('reported_total 2\n')) Atomics.store(seen, 0, 1);
      else setTimeout(ask, 20);
    });
  });
  request.on('error', () => setTimeout(ask, 20));
}

ask();
