import { refuse } from '../../model/names.ts';
import type { HeadersHook, RequestHeaders, UnsentRequest } from '../http-sender.ts';

/** Credentials of AWS. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** Options for {@link awsSignature}. */
export interface AwsSignatureOptions {
  /** Such as `eu-central-1`; by default that of `AWS_REGION`. */
  readonly region?: string;
  /** The service's name in signatures; `monitoring`, CloudWatch, unless given. */
  readonly service?: string;
  /** Asked before each request; by default the `AWS_…` environment variables. */
  readonly credentials?: () => AwsCredentials | Promise<AwsCredentials>;
  /** Unix time in milliseconds; `Date.now` unless given. */
  readonly now?: () => number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Returns a `headers` hook that signs requests for AWS, by Signature Version 4. Throws a TypeError if there is no region; the
 * hook rejects if there are no credentials.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function awsSignature(options: AwsSignatureOptions = {}): HeadersHook {
  const { region = process.env['AWS_REGION'], service = 'monitoring', now = Date.now } = options;
  const { credentials = environmentCredentials } = options;
  if (typeof region !== 'string' || region === '')
    refuse('sign requests for AWS', 'region such as "eu-central-1"', region);
  return async (request) => signatureHeaders(request, await credentials(), region, service, new Date(await now()));
}

function environmentCredentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new TypeError(
      'Cannot sign requests for AWS: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, got none. ' +
        'Pass the option credentials.',
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken: process.env['AWS_SESSION_TOKEN'] };
}

function signatureHeaders(
  { method, url, headers, body }: UnsentRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  region: string,
  service: string,
  date: Date,
): RequestHeaders {
  const time = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const added = { 'x-amz-date': time, ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}) };
  const type = headers['content-type'];
  const signed = Object.entries({ host: url.host, ...(type === undefined ? {} : { 'content-type': type }), ...added });
  signed.sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const canonicalRequest = [
    method,
    url.pathname.split('/').map(encoded).join('/'),
    canonicalQuery(url.searchParams),
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const toSign = [ALGORITHM, time, scope, sha256(canonicalRequest)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...added, authorization };
}

function canonicalQuery(parameters: URLSearchParams): string {
  const pairs = [...parameters].map(([name, value]) => [encoded(name), encoded(value)] as const);
  pairs.sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(content: string | Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(content).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', key).update(text).digest();
}
