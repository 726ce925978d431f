import Fastify from 'fastify';

export async function start(hang) {
  const app = Fastify();
  await app.register(
    async (api) => {
      api.get('/orders/:id', async (request) => `order ${request.params.id}`);
      api.get('/fail/:id', async () => {
        throw new Error('failed');
      });
      api.get('/hang/:id', () => {
        hang();
        return new Promise(() => {});
      });
    },
    { prefix: '/api' },
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, close: () => app.close() };
}
