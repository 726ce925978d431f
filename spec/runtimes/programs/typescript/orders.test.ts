import { scrapeAnOrder } from './orders';

test('A test in TypeScript, compiled to CommonJS', async () => {
  const { names, orders } = await scrapeAnOrder();
  expect(names).toEqual(expect.arrayContaining(['orders_total', 'order_seconds']));
  expect(orders).toBe(1);
});
