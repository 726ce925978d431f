// The two sets of names of instrumentHttp(): docs/http.md#metrics.
{
  semconv: {
    duration: 'http_server_request_duration_seconds',
    inFlight: 'http_server_active_requests',
    requestSize: 'http_server_request_body_size_bytes',
    responseSize: 'http_server_response_body_size_bytes',
    clientDuration: 'http_client_request_duration_seconds',
    clientInFlight: 'http_client_active_requests',
    method: 'http_request_method',
    route: 'http_route',
    code: 'http_response_status_code',
    server: 'server_address',
    err: 'error_type',
  },
  classic: {
    duration: 'http_request_duration_seconds',
    inFlight: 'http_requests_in_flight',
    requestSize: 'http_request_size_bytes',
    responseSize: 'http_response_size_bytes',
    clientDuration: 'http_client_request_duration_seconds',
    clientInFlight: 'http_client_requests_in_flight',
    method: 'method',
    route: 'route',
    code: 'status_code',
    server: 'host',
    err: 'error',
  },
}
