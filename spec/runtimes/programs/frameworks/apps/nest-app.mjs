import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** A controller without the compiler's decorators: they are functions. */
export async function startNest(adapter, hang) {
  class Orders {
    order(id) {
      return `order ${id}`;
    }
    fail() {
      throw new Error('failed');
    }
    hang() {
      hang();
      return new Promise(() => {});
    }
  }
  const { prototype } = Orders;
  for (const [name, path] of [
    ['order', 'orders/:id'],
    ['fail', 'fail/:id'],
    ['hang', 'hang/:id'],
  ])
    Get(path)(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
  Param('id')(prototype, 'order', 0);
  Controller()(Orders);
  class App {}
  Module({ controllers: [Orders] })(App);
  const app = await NestFactory.create(App, adapter, { logger: false });
  app.setGlobalPrefix('api');
  await app.listen(0, '127.0.0.1');
  return { port: app.getHttpServer().address().port, close: () => app.close() };
}
