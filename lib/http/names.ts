/** The names of the metrics for one side of HTTP, and of their labels. */
export interface SideNames {
  readonly duration: string;
  readonly active: string;
  readonly requestSize: string;
  readonly responseSize: string;
  /** The labels of the duration: method, route or server, status, and for clients the error. */
  readonly labels: readonly [method: string, place: string, status: string, error?: string];
}

/**
 * OpenTelemetry's semantic conventions 1.23 and newer as Prometheus spells them: durations are stable there, the rest is in
 * development. `classic` is what dashboards for Node.js ask for (express-prom-bundle, fastify-metrics).
 */
export const NAMES = {
  semconv: {
    server: {
      duration: 'http_server_request_duration_seconds',
      active: 'http_server_active_requests',
      requestSize: 'http_server_request_body_size_bytes',
      responseSize: 'http_server_response_body_size_bytes',
      labels: ['http_request_method', 'http_route', 'http_response_status_code'],
    },
    client: {
      duration: 'http_client_request_duration_seconds',
      active: 'http_client_active_requests',
      requestSize: 'http_client_request_body_size_bytes',
      responseSize: 'http_client_response_body_size_bytes',
      labels: ['http_request_method', 'server_address', 'http_response_status_code', 'error_type'],
    },
  },
  classic: {
    server: {
      duration: 'http_request_duration_seconds',
      active: 'http_requests_in_flight',
      requestSize: 'http_request_size_bytes',
      responseSize: 'http_response_size_bytes',
      labels: ['method', 'route', 'status_code'],
    },
    client: {
      duration: 'http_client_request_duration_seconds',
      active: 'http_client_requests_in_flight',
      requestSize: 'http_client_request_size_bytes',
      responseSize: 'http_client_response_size_bytes',
      labels: ['method', 'host', 'status_code', 'error'],
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<'server' | 'client', SideNames>>>>;
