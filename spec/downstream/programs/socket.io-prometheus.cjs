'use strict';

const { once } = require('node:events');
const http = require('node:http');
const client = require('prom-client');
const { Server } = require('socket.io');
const { io } = require('socket.io-client');
const { finish } = require('./serve.cjs');

async function run() {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Server(server);
  require('socket.io-prometheus')(sockets);
  sockets.on('connection', (socket) => {
    socket.on('order', (order, answer) => {
      socket.emit('accepted', order);
      answer();
    });
  });
  const connect = async () => {
    const socket = io(`http://127.0.0.1:${server.address().port}`, { transports: ['websocket'] });
    await once(socket, 'connect');
    return socket;
  };
  const [first, second] = [await connect(), await connect()];
  for (const order of ['a', { id: 2 }]) await new Promise((resolve) => first.emit('order', order, resolve));
  second.close();
  const isGone = () => sockets.of('/').sockets.size === 1;
  while (!isGone()) await new Promise((resolve) => setImmediate(resolve));
  finish({ text: await client.register.metrics() });
}

run();
