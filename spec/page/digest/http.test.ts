import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HttpSide, httpSides } from '../../../lib/page/digest/http.ts';
import { scraped } from '../scraped.ts';

interface Requests {
  readonly labels: string;
  /** Up to 0.1 s, up to 1 s, above. */
  readonly counts: readonly [number, number, number];
}

function exposition(name: string, requests: readonly Requests[], active = ''): string {
  const lines = requests.map(({ labels, counts: [fast, slow, above] }) => {
    return `${name}_bucket{${labels},le="0.1"} ${fast}
${name}_bucket{${labels},le="1"} ${fast + slow}
${name}_bucket{${labels},le="+Inf"} ${fast + slow + above}
${name}_sum{${labels}} 1
${name}_count{${labels}} ${fast + slow + above}
`;
  });
  return `# TYPE ${name} histogram\n${lines.join('')}${active}`;
}

/** The sides after two scrapes, 5 s apart, between which these requests ended. */
function sidesAfter(name: string, requests: readonly Requests[], active = ''): HttpSide[] {
  const before = requests.map(({ labels }) => ({ labels, counts: [7, 7, 7] as const }));
  const after = requests.map(({ labels, counts: [fast, slow, above] }) => {
    return { labels, counts: [fast + 7, slow + 7, above + 7] as const };
  });
  return httpSides(scraped([exposition(name, before, active), exposition(name, after, active)]));
}

for (const [convention, name, [method, route, status], active] of [
  [
    'semantic conventions',
    'http_server_request_duration_seconds',
    ['http_request_method', 'http_route', 'http_response_status_code'],
    'http_server_active_requests{http_request_method="GET"} 2\nhttp_server_active_requests{http_request_method="PUT"} 1\n',
  ],
  [
    'classic names',
    'http_request_duration_seconds',
    ['method', 'route', 'status_code'],
    'http_requests_in_flight{method="GET"} 2\nhttp_requests_in_flight{method="PUT"} 1\n',
  ],
] as const) {
  test(`httpSides() returns routes by rate, with errors, latency and requests in flight, from the ${convention}`, () => {
    const labels = (of: string, path: string, code: string): string =>
      `${method}="${of}",${route}="${path}",${status}="${code}"`;
    const [side, ...others] = sidesAfter(
      name,
      [
        { labels: labels('GET', '/', '200'), counts: [10, 0, 0] },
        { labels: labels('GET', '/orders/:id', '200'), counts: [0, 90, 0] },
        { labels: labels('GET', '/orders/:id', '503'), counts: [0, 8, 2] },
        { labels: labels('POST', '/orders/:id', '404'), counts: [5, 0, 0] },
        { labels: labels('GET', '', '404'), counts: [0, 0, 0] },
      ],
      active,
    );
    assert.deepEqual(others, []);
    assert.equal(side!.kind, 'server');
    assert.deepEqual(
      side!.routes.map(({ method: of, place, rate, errorShare }) => [of, place, rate, errorShare]),
      [
        ['GET', '/orders/:id', 20, 0.1],
        ['GET', '/', 2, 0],
        ['POST', '/orders/:id', 1, 0],
        ['GET', '', 0, NaN],
      ],
    );
    // Of 100 requests, 98 took 0.1 to 1 s, 2 longer: histogram_quantile() interpolates, and ends at the last bound.
    const [p50, p95, p99] = side!.routes[0]!.quantiles;
    assert.equal(p50.toFixed(4), (0.1 + 0.9 * (50 / 98)).toFixed(4));
    assert.equal(p95.toFixed(4), (0.1 + 0.9 * (95 / 98)).toFixed(4));
    assert.equal(p99, 1);
    assert.deepEqual(side!.routes[3]!.quantiles, [NaN, NaN, NaN]);
    assert.equal(side!.rate, 23);
    assert.equal(side!.errorShare, 10 / 115);
    assert.deepEqual(side!.rates, [NaN, 23]);
    assert.deepEqual(side!.inFlight, [3, 3]);
    assert.equal(side!.routes[0]!.query, `${name} ${route}=/orders/:id`);
    assert.equal(side!.routes[3]!.query, undefined);
  });
}

test('httpSides() counts status classes and paths, and as errors of a client 4xx, 5xx and missing responses', () => {
  const [server] = sidesAfter('http_request_duration_seconds', [
    { labels: 'method="GET",path="/a",status_code="5xx"', counts: [1, 0, 0] },
    { labels: 'method="GET",path="/a",status_code="4xx"', counts: [3, 0, 0] },
  ]);
  assert.deepEqual([server!.routes[0]!.place, server!.errorShare], ['/a', 0.25]);
  const client = (status: string, error: string): string =>
    `http_request_method="GET",server_address="api",http_response_status_code="${status}",error_type="${error}"`;
  const [made] = sidesAfter('http_client_request_duration_seconds', [
    { labels: client('200', ''), counts: [4, 0, 0] },
    { labels: client('404', ''), counts: [1, 0, 0] },
    { labels: client('500', ''), counts: [1, 0, 0] },
    { labels: client('', 'ECONNREFUSED'), counts: [2, 0, 0] },
  ]);
  assert.deepEqual([made!.kind, made!.routes[0]!.place, made!.errorShare], ['client', 'api', 0.5]);
  assert.deepEqual(made!.inFlight, []);
});

test('httpSides() has no rate before the second scrape, and nothing without metrics of HTTP', () => {
  const one = exposition('http_request_duration_seconds', [{ labels: 'route="/"', counts: [1, 0, 0] }]);
  const [side] = httpSides(scraped([one]));
  assert.deepEqual([side!.rate, side!.errorShare, side!.routes.length], [NaN, NaN, 1]);
  assert.deepEqual(httpSides(scraped(['http_request_duration_seconds 1\nhttp_requests_total 3\n'])), []);
});

test('httpSides() leaves series of other bounds out of the quantiles', () => {
  const text = (count: number): string => `# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{route="/",status_code="200",le="0.1"} ${count}
http_request_duration_seconds_bucket{route="/",status_code="200",le="+Inf"} ${count}
http_request_duration_seconds_sum{route="/",status_code="200"} 1
http_request_duration_seconds_count{route="/",status_code="200"} ${count}
http_request_duration_seconds_bucket{route="/",status_code="201",le="9"} ${count}
http_request_duration_seconds_bucket{route="/",status_code="201",le="+Inf"} ${count}
http_request_duration_seconds_sum{route="/",status_code="201"} 1
http_request_duration_seconds_count{route="/",status_code="201"} ${count}
`;
  const [side] = httpSides(scraped([text(0), text(10)]));
  assert.deepEqual([side!.rate, side!.quantiles[0]], [4, 0.05]);
});
