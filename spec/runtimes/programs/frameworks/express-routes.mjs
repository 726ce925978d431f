// The routes of requests to nested routers: `node express-routes.mjs express`, or express4. Prints them by path, as JSON.

import { MetricsRegistry } from '@finpilot/metrics/core';
import { instrumentHttp } from '@finpilot/metrics/http';

const { default: express } = await import(process.argv[2]);
const registry = new MetricsRegistry();
instrumentHttp(registry, { clients: false, sizes: false });

const end = (_request, response) => response.end();
const router = (...routes) => {
  const made = express.Router({ mergeParams: true });
  for (const route of routes) made.get(route, end);
  return made;
};
const fail = express.Router();
fail.get('/deep/:id', (_request, _response, next) => next(new Error('failed')));

const app = express();
app.use((_request, _response, next) => next());
app.get('/', end);
app.get(['/a', '/b'], end);
app.get(/^\/pattern\/\d+$/, end);
const users = router('/', '/orders/:order');
users.use('/teams/:team', router('/:member'));
app.use('/users/:user', users);
const shared = router('/things/:id');
app.use('/first', shared);
app.use('/second/:x', shared);
app.use('/fail/:kind', fail);
const inner = express();
inner.get('/hello/:name', end);
inner.use('/more', router('/:id'));
app.use('/inner', inner);
app.use(['/plain', '/with/:parameter'], router('/inside'));
app.all(process.argv[2] === 'express4' ? '*' : '/{*rest}', (_request, response) => response.status(404).end());
app.use((_error, _request, response, _next) => response.status(500).end());

const server = await new Promise((resolve) => {
  const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
});
const routes = {};
let before = new Map();
const PATHS = [
  ...['/', '/a', '/b?x=/users/7', '/pattern/12', '/users/7', '/users/7/', '/users/7/orders/8', '/users/users/orders/orders'],
  ...['/users/7/teams/a%20b/9', '/first/things/1', '/second/first/things/1', '/fail/soon/deep/7', '/inner/hello/you'],
  ...['/inner/more/7', '/inner/nothing', '/plain/inside', '/users/7/nothing', '/wp-login.php'],
];
for (const path of PATHS) {
  await (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).text();
  for (;;) {
    const text = await registry.metrics();
    const now = new Map(
      [...text.matchAll(/_count\{.*http_route="(.*?)",http_response_status_code="(\d+)"\} (\d+)/g)].map(([, route, status, n]) => [
        `${route} ${status}`,
        n,
      ]),
    );
    const [changed] = [...now].find(([key, n]) => before.get(key) !== n) ?? [];
    before = now;
    if (changed !== undefined) {
      routes[path] = changed;
      break;
    }
  }
}
process.stdout.write(JSON.stringify(routes), () => process.exit());
