import { awsSignature } from './aws-signature.ts';
import { startOtlpPush } from './otlp-push.ts';

export type { ConnectionOptions, HeadersHook, HttpPushOptions, RequestHeaders, UnsentRequest } from '../http-sender.ts';
export type { MetricsPush, PushOptions } from '../push-loop.ts';
export type { AwsCredentials, AwsSignatureOptions } from './aws-signature.ts';
export type { OtlpPushOptions } from './otlp-push.ts';
export { awsSignature, startOtlpPush };

/** The same names as the named exports. */
export default { awsSignature, startOtlpPush };
