import { Counter } from '@finpilot/metrics';

const counter = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
counter.inc({ side: 'buy' }, 3);
counter.get().then(({ values }) => console.log(values[0].value));
