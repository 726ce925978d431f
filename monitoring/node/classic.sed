# Turns the plain files into those for instrumentHttp(registry, { names: 'classic' }), the names of express-prom-bundle and
# fastify-metrics: `sed -i -f classic.sed dashboards/*.json rules/*.yml tests/*.yml`.
s/http_server_request_duration_seconds/http_request_duration_seconds/g
s/http_server_active_requests/http_requests_in_flight/g
s/http_server_request_body_size_bytes/http_request_size_bytes/g
s/http_server_response_body_size_bytes/http_response_size_bytes/g
s/http_client_active_requests/http_client_requests_in_flight/g
s/http_client_request_body_size_bytes/http_client_request_size_bytes/g
s/http_client_response_body_size_bytes/http_client_response_size_bytes/g
s/http_request_method/method/g
s/http_route/route/g
s/http_response_status_code/status_code/g
s/server_address/host/g
s/error_type/error/g
