import { ExpressAdapter } from '@nestjs/platform-express';
import { startNest } from './nest-app.mjs';

export const start = (hang) => startNest(new ExpressAdapter(), hang);
