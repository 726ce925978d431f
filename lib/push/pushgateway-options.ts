import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';

/** Options of `https.request()`, by Node's names: for TLS, basic authentication and agents. */
type ConnectionOptions = Pick<
  RequestOptions,
  'agent' | 'auth' | 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'rejectUnauthorized' | 'servername'
>;

/** Options for a `Pushgateway`. */
export interface PushgatewayOptions extends ConnectionOptions {
  /** Headers to send besides those that the metrics need. */
  readonly headers?: OutgoingHttpHeaders;
  /**
   * Milliseconds for one attempt, from its connection to the last byte of the answer, and before the first attempt for
   * collecting the metrics; 10,000 by default.
   */
  readonly timeout?: number;
  /** How often to try again after a failure that may pass; 2 unless given, 0 for never. */
  readonly retries?: number;
  /**
   * Milliseconds before the first retry, with up to 50 % jitter, and doubled before each further one, 30,000 at most; 500
   * by default. A gateway that sends `Retry-After` gets the time that it asks for, up to `timeout`.
   */
  readonly retryDelay?: number;
  /** Whether metrics are compressed; off unless given. `Content-Encoding: gzip` among the headers asks for it too. */
  readonly gzip?: boolean;
  /** The format of the push: `text`, the default, which every gateway reads; or `protobuf`, which keeps exemplars. */
  readonly format?: 'text' | 'protobuf';
  /** Whether a push needs a `jobName`, as every Pushgateway wants one; true unless given. */
  readonly requireJobName?: boolean;
}
