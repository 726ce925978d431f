import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import { errorText, warn } from '../model/error-text.ts';
import type { Family, Gatherer } from '../model/family.ts';
import type { LabelValue } from '../model/label-value.ts';
import { loadModule } from '../model/load-module.ts';
import { refuse } from '../model/names.ts';
import { register } from '../registry/register.ts';
import { familiesToPush } from './push-format.ts';
import {
  checkJobName,
  gatewayAddress,
  groupPath,
  type PushgatewayOptions,
  type PushSettings,
  pushSettings,
} from './push-settings.ts';
import type { PushAnswer, PushRequest } from './send-request.ts';

/** Which group of metrics is meant, and for how long to try. */
export interface PushParameters {
  /** The label `job` of the group, of any characters, but not empty. */
  readonly jobName: string;
  /** Further labels of the group; values of any characters, empty ones too. Those without a value are left out. */
  readonly groupings?: Readonly<Record<string, LabelValue | null | undefined>> | null | undefined;
  /** Ends the request, or the waiting before a retry; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets the error of a push, or what the gateway answered: for programs that do not use promises. An exception that it throws
 * is an unhandled rejection, which ends the process unless the program handles it.
 */
export type PushCallback = (error: Error | null, resp?: PushAnswer['resp'], body?: string) => void;

/**
 * Pushes the metrics of a registry to a Pushgateway: for jobs that end before Prometheus could scrape them.
 *
 * Each call makes one request, and retries transient failures: refused and broken connections, timeouts, and the
 * statuses 408, 429, 500, 502, 503 and 504, after the time that `Retry-After` asks for. Repeating is safe, since each
 * attempt sends the same bytes and leaves the same group behind. Between its calls it holds no socket and no timer.
 *
 * Pushes are in the text format, unless the option `format` or the registry says otherwise: one that is set to OpenMetrics is
 * pushed in it, as by prom-client, while its metrics have nothing for which a gateway would refuse that.
 *
 * A promise is rejected with an `Error` that says what the gateway answered, with `status` or the system's `code` as a
 * property; with the signal's reason; or with a TypeError or RangeError if the URL or a parameter is invalid. Only a
 * missing `jobName` throws at once, as in prom-client. Errors never contain credentials. A callback gets the same as
 * the promise.
 *
 * @example
 * ```ts
 * const gateway = new Pushgateway('http://localhost:9091', { timeout: 5000 }, register);
 * const pushNightlyReport = () => gateway.pushAdd({ jobName: 'nightly_report', groupings: { shard: '7' } });
 * ```
 *
 * prom-client's type argument, the content type of a registry, is accepted and has no effect.
 *
 * @see https://github.com/prometheus/pushgateway
 */
export class Pushgateway<_T extends string = string> {
  readonly #settings: PushSettings;
  readonly #registry: Gatherer;

  /**
   * `url` is the gateway's, with the path that it is served under, if any, and credentials, if need be. Without a
   * registry, the default one is pushed; it may stand in place of the options. Throws a TypeError or RangeError if the
   * URL, an option or the registry is invalid; if the URL is undefined, each push is rejected instead.
   */
  constructor(url: string | URL | undefined, registry: Gatherer);
  constructor(
    url: string | URL | undefined,
    options?: PushgatewayOptions | readonly never[] | null,
    registry?: Gatherer | null,
  );
  constructor(
    url: string | URL | undefined,
    options: PushgatewayOptions | readonly never[] | Gatherer | null = {},
    registry?: Gatherer | null,
  ) {
    const isRegistry = isGatherer(options);
    this.#settings = pushSettings(url, isRegistry ? {} : (options as PushgatewayOptions | null));
    this.#registry = (isRegistry ? options : registry) ?? register;
    if (!isGatherer(this.#registry)) {
      refuse('create a Pushgateway', 'a registry', registry);
    }
  }

  /** Replaces all metrics of the group. */
  push(parameters?: PushParameters, callback?: PushCallback): Promise<PushAnswer> {
    return this.#send('PUT', parameters, callback);
  }

  /** Replaces those metrics of the group that have the names of the registry's, and leaves the others. */
  pushAdd(parameters?: PushParameters, callback?: PushCallback): Promise<PushAnswer> {
    return this.#send('POST', parameters, callback);
  }

  /** Deletes the group, as the gateway does soon after its answer; one that is not there counts as deleted. */
  delete(parameters?: PushParameters, callback?: PushCallback): Promise<PushAnswer> {
    return this.#send('DELETE', parameters, callback);
  }

  #send(
    method: PushRequest['method'],
    given: Partial<PushParameters> | null | undefined,
    callback: PushCallback | undefined,
  ): Promise<PushAnswer> {
    const parameters = given ?? {};
    checkJobName(parameters.jobName, this.#settings.requireJobName);
    const answer = this.#answer(method, parameters);
    if (typeof callback === 'function') {
      answer
        .then(
          ({ resp, body }) => callback(null, resp, body),
          (error: Error) => callback(error),
        )
        .catch((error: unknown) => warn('METRICS_PUSH_CALLBACK', `The callback of a push failed: ${errorText(error)}`));
    }
    return answer;
  }

  async #answer(method: PushRequest['method'], parameters: Partial<PushParameters>): Promise<PushAnswer> {
    const { jobName, groupings, signal } = parameters;
    const { connection, timeout } = this.#settings;
    const url = new URL(this.#settings.url ?? gatewayAddress(undefined).url);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/metrics${groupPath(jobName, groupings)}`;
    signal?.throwIfAborted();
    const { headers, body } = method === 'DELETE' ? NO_CONTENT : await this.#content(signal);
    signal?.throwIfAborted();
    const allHeaders = { ...this.#settings.headers, ...headers };
    // Loaded with the first request: the main entry has this class, and most programs never push.
    const { deliver } = await loadModule(() => import('./deliver.ts'), 'deliver');
    const request = { method, url, connection, headers: allHeaders, body, timeout, signal, receiver: 'Pushgateway' };
    return deliver(request, this.#settings);
  }

  /** The metrics of this moment. */
  async #content(signal: AbortSignal | undefined): Promise<PushContent> {
    const { isCompressed, format } = this.#settings;
    const { accept, families } = familiesToPush(await this.#gather(signal), this.#registry, format);
    const exporter = new PrometheusExporter({ gather: () => Promise.resolve(families) });
    const plain = await exporter.render(accept);
    const headers = { 'content-type': exporter.contentType(accept) };
    if (!isCompressed) return { body: plain, headers: { ...headers, 'content-length': plain.length } };
    const { gzip } = process.getBuiltinModule('node:zlib');
    const { promisify } = process.getBuiltinModule('node:util');
    const body = await promisify(gzip)(plain);
    return { body, headers: { ...headers, 'content-encoding': 'gzip', 'content-length': body.length } };
  }

  /** Gathers within the timeout. Collectors that hang cost their own families: they are given up a little earlier. */
  async #gather(signal: AbortSignal | undefined): Promise<readonly Family[]> {
    const { timeout } = this.#settings;
    const { untilDeadline } = await loadModule(() => import('./send-request.ts'), 'untilDeadline');
    return untilDeadline(timeout, signal, gatherTimeoutError, (resolve, reject) => {
      const timeoutSeconds = (timeout / 1000) * SHARE_OF_COLLECTORS;
      this.#registry.gather({ timeoutSeconds }).then(resolve, reject);
    });
  }
}

export declare namespace Pushgateway {
  /** prom-client's name for {@link PushParameters}. */
  type Parameters = PushParameters;
}

function isGatherer(value: unknown): value is Gatherer {
  return typeof (value as Gatherer | null | undefined)?.gather === 'function';
}

/** The body of a request, and its headers. */
type PushContent = Pick<PushRequest, 'headers' | 'body'>;

/** Of the timeout. What is left is for a loop that is late, so that the collectors' timers come first. */
const SHARE_OF_COLLECTORS = 0.9;

const NO_CONTENT: PushContent = { headers: {}, body: undefined };

function gatherTimeoutError(timeout: number): Error {
  const message =
    `Cannot push metrics: expected the registry to give its metrics within ${timeout} ms, got none. ` +
    'Look for a collector that hangs.';
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
