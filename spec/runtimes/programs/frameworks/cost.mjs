// What instrumentHttp() costs a server per request: `node cost.mjs [ROUNDS]` in an installed tree (node .ci/runtimes.mjs FOLDER).
//
// A process of its own answers on node:http; autocannon asks in this one. Rounds with and without take turns in the same
// process. Prints the CPU time of the server per request, in microseconds: the medians, and the median and quartiles of the
// differences between neighbouring rounds.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const REQUESTS = 20_000;

if (process.send === undefined) await measure(Number(process.argv[2] ?? 15));
else await serve();

async function measure(rounds) {
  const { default: autocannon } = await import('autocannon');
  const server = fork(fileURLToPath(import.meta.url));
  const [{ port }] = await once(server, 'message');
  const ask = async (message) => {
    server.send(message);
    return (await once(server, 'message'))[0];
  };
  const round = async (isOn) => {
    await ask({ isOn });
    await autocannon({ url: `http://127.0.0.1:${port}/`, connections: 10, pipelining: 10, amount: REQUESTS });
    const { microseconds, requests } = await ask({});
    return microseconds / requests;
  };
  const results = { off: [], on: [], cost: [] };
  for (let i = -3; i < rounds; i++) {
    const isOnFirst = i % 2 === 0;
    const first = await round(isOnFirst);
    const second = await round(!isOnFirst);
    const [on, off] = isOnFirst ? [first, second] : [second, first];
    if (i < 0) continue; // warm-up
    results.on.push(on);
    results.off.push(off);
    results.cost.push(on - off);
  }
  const at = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)].toFixed(2);
  console.log(`${process.version}, CPU µs per request: ${at(results.off, 0.5)} off, ${at(results.on, 0.5)} on`);
  console.log(`cost: ${at(results.cost, 0.5)} (${at(results.cost, 0.25)} to ${at(results.cost, 0.75)})`);
  server.kill();
}

async function serve() {
  const { MetricsRegistry } = await import('@finpilot/metrics/core');
  const { instrumentHttp } = await import('@finpilot/metrics/http');
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end('hello');
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  let cpu = process.cpuUsage();
  let stop;
  process.on('message', ({ isOn }) => {
    if (isOn === undefined) {
      const { user, system } = process.cpuUsage(cpu);
      return process.send({ microseconds: user + system, requests });
    }
    stop?.();
    stop = isOn ? instrumentHttp(new MetricsRegistry()).stop : undefined;
    requests = 0;
    cpu = process.cpuUsage();
    process.send({});
  });
}
