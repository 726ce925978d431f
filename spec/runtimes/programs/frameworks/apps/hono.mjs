import { setRoute } from '@finpilot/metrics/http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { routePath } from 'hono/route';

export async function start(hang) {
  const app = new Hono();
  app.use((c, next) => {
    setRoute(c.env.incoming, () => routePath(c));
    return next();
  });
  const api = new Hono();
  api.get('/orders/:id', (c) => c.text(`order ${c.req.param('id')}`));
  api.get('/fail/:id', () => {
    throw new Error('failed');
  });
  api.get('/hang/:id', () => {
    hang();
    return new Promise(() => {});
  });
  app.route('/api', api);
  app.get('*', (c) => c.notFound()); // as the last handler of a site with one page
  app.onError((_error, c) => c.text('failed', 500));
  const server = await new Promise((resolve) => {
    const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening));
  });
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
