import { createServer } from 'node:http';

/** Without a framework: no request has a route. */
export async function start(hang) {
  const server = createServer((request, response) => {
    if (request.url.startsWith('/api/hang')) return hang();
    response.statusCode = request.url.startsWith('/missing') ? 404 : request.url.startsWith('/api/fail') ? 500 : 200;
    response.end('answer');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
