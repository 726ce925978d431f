import { startRemoteWrite } from './remote-write-push.ts';

export type { ConnectionOptions, HeadersHook, HttpPushOptions, RequestHeaders, UnsentRequest } from '../http-sender.ts';
export type { MetricsPush, PushOptions } from '../push-loop.ts';
export type { RemoteWriteOptions } from './remote-write-push.ts';
export { startRemoteWrite };

/** The same names as the named exports. */
export default { startRemoteWrite };
