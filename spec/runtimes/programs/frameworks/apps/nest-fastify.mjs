import { FastifyAdapter } from '@nestjs/platform-fastify';
import { startNest } from './nest-app.mjs';

export const start = (hang) => startNest(new FastifyAdapter(), hang);
