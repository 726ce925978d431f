import { usePrometheus } from '@graphql-yoga/plugin-prometheus';
import { createSchema, createYoga } from 'graphql-yoga';
import { Registry } from 'prom-client';

const registry = new Registry();
const names = ['execute', 'parse', 'validate', 'context'].map((phase) => `graphql_envelop_phase_${phase}`);
const others = ['request_duration', 'request_time_summary', 'request', 'error_result', 'deprecated_field', 'execute_resolver', 'schema_change'];
const metrics = ['graphql_yoga_http_duration', ...names, ...others.map((name) => `graphql_envelop_${name}`)];
const schema = createSchema({
  typeDefs: 'type Query { order(id: Int!): String, old: Int @deprecated(reason: "gone"), broken: Int }',
  resolvers: {
    Query: {
      order: (_, { id }) => `order ${id}`,
      old: () => 1,
      broken: () => {
        throw new Error('broken');
      },
    },
  },
});
const yoga = createYoga({
  schema,
  logging: false,
  plugins: [usePrometheus({ registry, endpoint: '/metrics', metrics: Object.fromEntries(metrics.map((name) => [name, true])) })],
});
const ask = (query) =>
  yoga.fetch('http://shop/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
for (const query of ['query One { order(id: 1) }', 'query One { order(id: 2) }', 'query Old { old }', 'query Broken { broken }', '{ nothing }', '{']) {
  await (await ask(query)).text();
}
const response = await yoga.fetch('http://shop/metrics');
process.stdout.write(JSON.stringify({ text: await response.text() }), () => process.exit());
