/**
 * The receiver of the push cases, in a process of its own: takes requests, lines and datagrams, looks at nothing, and prints
 * its ports. It ends with its standard input.
 */
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createStreamServer } from 'node:net';

const http = createServer((request, response) => {
  // By this header a receiver of remote write 2.0 says that it has written everything.
  request.resume().on('end', () => response.writeHead(200, { 'x-prometheus-remote-write-samples-written': 1e9 }).end());
});
const stream = createStreamServer((socket) => void socket.resume().on('error', () => undefined));
const ports: number[] = [];
for (const server of [http, stream]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ports.push((server.address() as AddressInfo).port);
}
console.log(JSON.stringify(ports));
process.stdin.resume().on('end', () => process.exit());
