import client, { AggregatorRegistry, collectDefaultMetrics, Counter, Pushgateway, register, startMetricsServer } from '@finpilot/metrics';

async function main() {
  new Counter({ name: 'orders_total', help: 'Orders.' }).inc();
  collectDefaultMetrics();
  const server = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    drainTimeoutSeconds: 0,
    auth: { tokens: ['secret-token-of-this-test'] },
  });
  const headers = { authorization: 'Bearer secret-token-of-this-test' };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  const page = await (await fetch(server.url, { headers })).text();
  await server.close();
  const workers = await new AggregatorRegistry().clusterMetrics();
  const refused = await new Pushgateway('http://127.0.0.1:1').push({ jobName: 'batch' }).catch((error) => error.name);
  console.log(
    JSON.stringify([
      client.register === register,
      text.includes('orders_total 1\n') && text.includes('process_cpu_user_seconds_total'),
      page.includes('<!doctype html>'),
      workers === '',
      refused,
    ]),
  );
}

main();
