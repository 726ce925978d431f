/** The same application on Express 4 and 5: a router below a path, a middleware that handles errors. */
export async function startExpress(express, hang) {
  const app = express();
  const api = express.Router();
  api.get('/orders/:id', (request, response) => response.send(`order ${request.params.id}`));
  api.get('/fail/:id', () => {
    throw new Error('failed');
  });
  api.get('/hang/:id', () => hang());
  app.use('/api', api);
  app.use((_error, _request, response, _next) => response.status(500).end());
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
