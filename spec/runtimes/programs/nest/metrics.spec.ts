import { Controller, Get, type INestApplication, Inject, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getToken, InjectMetric, makeCounterProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { type Counter, Histogram, register } from 'prom-client';
import request from 'supertest';
import type { App } from 'supertest/types';

@Injectable()
class OrdersService {
  private readonly seconds = new Histogram({ name: 'order_seconds', help: 'Time.', buckets: [1] });

  constructor(@InjectMetric('orders_total') private readonly orders: Counter<string>) {}

  create(side: string): string {
    const end = this.seconds.startTimer();
    this.orders.inc({ side });
    end();
    return 'created';
  }
}

@Controller('orders')
class OrdersController {
  constructor(@Inject(OrdersService) private readonly orders: OrdersService) {}

  @Get('buy')
  buy(): string {
    return this.orders.create('buy');
  }
}

describe('Metrics', () => {
  let app: INestApplication<App>;

  beforeEach(async () => {
    const fixture = await Test.createTestingModule({
      imports: [PrometheusModule.register()],
      controllers: [OrdersController],
      providers: [OrdersService, makeCounterProvider({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] })],
    }).compile();
    app = fixture.createNestApplication();
    await app.init();
  });

  afterEach(async () => {
    await app.close();
    register.clear();
  });

  for (const attempt of [1, 2]) {
    it(`are those of this application alone, attempt ${attempt}`, async () => {
      await request(app.getHttpServer()).get('/orders/buy').expect(200, 'created');
      const { text } = await request(app.getHttpServer())
        .get('/metrics')
        .expect(200)
        .expect('content-type', /^text\/plain/);
      expect(text).toContain('orders_total{side="buy"} 1\n');
      expect(text).toContain('order_seconds_count 1\n');
      expect(text).toMatch(/^process_cpu_user_seconds_total /m);
    });
  }

  it('can be replaced', async () => {
    const sides: object[] = [];
    register.removeSingleMetric('order_seconds');
    const fixture = await Test.createTestingModule({
      providers: [
        OrdersService,
        { provide: getToken('orders_total'), useValue: { inc: (labels: object) => sides.push(labels) } },
      ],
    }).compile();
    expect(fixture.get(OrdersService).create('sell')).toBe('created');
    expect(sides).toEqual([{ side: 'sell' }]);
  });
});
