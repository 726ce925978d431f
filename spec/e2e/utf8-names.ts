import { Counter, Gauge, Histogram, MetricsRegistry } from '@finpilot/metrics';
import type { ParsedSample } from '../support/parsed-family.ts';

/** How a scraper wants names that older ones do not read. */
export type Escaping = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

type Names = Readonly<Record<'requests' | 'method' | 'duration' | 'odd' | 'oddLabel' | 'plain', string>>;

/** A registry with metric and label names of all sorts, each metric's with `e2e` near its start, and what it has to come to. */
export const UTF8_NAMES = { createRegistry, samples };

function createRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
  const registers = [registry];
  const help = 'A name of any text.';
  new Counter({ name: 'e2e.http.requests_total', help, labelNames: ['http.method'], registers }).inc(
    { 'http.method': 'GET' },
    5,
  );
  const duration = new Histogram({ name: 'e2e.http.server.duration', help, buckets: [0.5], registers });
  duration.labels().observe(0.25, { trace_id: 'dotted' });
  const odd = new Gauge({ name: 'e2e "quoted" \\ 漢😀', help, labelNames: ['ß/1', 'plain'], registers });
  odd.set({ 'ß/1': 'x', plain: 'y' }, 7);
  new Gauge({ name: 'e2e_plain:name', help, registers }).set(8);
  return registry;
}

/**
 * The names above by escaping scheme, by hand from the code of prometheus/common; but a label name that would begin with
 * the reserved `__` begins with one `_`.
 */
const NAMES: Readonly<Record<Escaping, Names>> = {
  'allow-utf-8': {
    requests: 'e2e.http.requests_total',
    method: 'http.method',
    duration: 'e2e.http.server.duration',
    odd: 'e2e "quoted" \\ 漢😀',
    oddLabel: 'ß/1',
    plain: 'e2e_plain:name',
  },
  underscores: {
    requests: 'e2e_http_requests_total',
    method: 'http_method',
    duration: 'e2e_http_server_duration',
    odd: `e2e__quoted${'_'.repeat(6)}`,
    oddLabel: '_1',
    plain: 'e2e_plain:name',
  },
  dots: {
    requests: 'e2e_dot_http_dot_requests__total',
    method: 'http_dot_method',
    duration: 'e2e_dot_http_dot_server_dot_duration',
    odd: `e2e____quoted${'_'.repeat(12)}`,
    oddLabel: '_1',
    plain: 'e2e__plain:name',
  },
  values: {
    requests: 'U__e2e_2e_http_2e_requests__total',
    method: 'U__http_2e_method',
    duration: 'U__e2e_2e_http_2e_server_2e_duration',
    odd: 'U__e2e_20__22_quoted_22__20__5c__20__6f22__1f600_',
    oddLabel: 'U___df__2f_1',
    plain: 'e2e_plain:name',
  },
};

/** The samples that a scraper must have. */
function samples(escaping: Escaping): ParsedSample[] {
  const { requests, method, duration, odd, oddLabel, plain } = NAMES[escaping];
  const expected: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: number])[] = [
    [requests, { [method]: 'GET' }, 5],
    [`${duration}_bucket`, { le: '0.5' }, 1],
    [`${duration}_bucket`, { le: '+Inf' }, 1],
    [`${duration}_sum`, {}, 0.25],
    [`${duration}_count`, {}, 1],
    [odd, { [oddLabel]: 'x', plain: 'y' }, 7],
    [plain, {}, 8],
  ];
  return expected.map(([name, labels, value]) => ({ name, labels: new Map(Object.entries(labels)), value }));
}
