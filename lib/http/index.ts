import { instrumentHttp } from './instrument-http.ts';
import { setRoute } from './routes.ts';

export type { HttpMetrics, HttpOptions } from './instrument-http.ts';
export type { Buckets } from './request-metrics.ts';
export type { Route } from './routes.ts';
export { instrumentHttp, setRoute };

/** The same names as the named exports. */
export default { instrumentHttp, setRoute };
