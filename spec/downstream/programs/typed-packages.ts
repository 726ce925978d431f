// The types of the packages that use prom-client, which name its types: compiled against prom-client's and against ours.

import { prometheus } from '@hono/prometheus';
import { makeCounterProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { init } from 'bull-prom';
import promBundle from 'express-prom-bundle';
import fastifyMetrics, { type IMetricsPluginOptions } from 'fastify-metrics';
import * as everything from 'prom-client';
import client, { Counter, Registry } from 'prom-client';

const registry = new Registry();
const options: Partial<IMetricsPluginOptions> = { defaultMetrics: { enabled: true, register: registry, prefix: 'p_' } };
const throughTheDefault: client.Counter<'a'> = new client.Counter({
  name: 'c_total',
  help: 'C.',
  labelNames: ['a'],
  registers: [registry],
});

export const used = [
  promBundle({
    includeMethod: true,
    promRegistry: registry,
    promClient: { collectDefaultMetrics: { register: registry } },
  }),
  prometheus({ registry, collectDefaultMetrics: { prefix: 'p_' } }),
  PrometheusModule.register({ defaultMetrics: { enabled: true, config: { register: registry } } }),
  makeCounterProvider({ name: 'p_total', help: 'P.', labelNames: ['a'] }),
  init({ promClient: everything }),
  fastifyMetrics,
  options,
  throughTheDefault,
  Counter,
];
