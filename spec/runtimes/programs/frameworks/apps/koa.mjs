import Router from '@koa/router';
import { setRoute } from '@finpilot/metrics/http';
import Koa from 'koa';

export async function start(hang) {
  const app = new Koa();
  app.silent = true;
  app.use((ctx, next) => {
    setRoute(ctx.req, () => ctx._matchedRoute);
    return next();
  });
  const api = new Router({ prefix: '/api' });
  api.get('/orders/:id', (ctx) => {
    ctx.body = `order ${ctx.params.id}`;
  });
  api.get('/fail/:id', () => {
    throw new Error('failed');
  });
  api.get('/hang/:id', () => {
    hang();
    return new Promise(() => {});
  });
  app.use(api.routes());
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
