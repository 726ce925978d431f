import type { SeededRandom } from '../../../support/seeded-random.ts';
import { type Program, times } from './program.ts';

export function buckets(random: SeededRandom): Program[] {
  const odd = [
    '0, 1, 0',
    '0, 1, -1',
    '0, 0, 3',
    '0, -1, 3',
    '',
    '1',
    "'1', 2, 3",
    '0, NaN, 3',
    '0, 1, 1.5',
    '1e300, 1e300, 3',
  ];
  return [
    ...odd.map((list) => ({ about: 'linearBuckets()', lines: [`client.linearBuckets(${list})`] })),
    ...odd.map((list) => ({ about: 'exponentialBuckets()', lines: [`client.exponentialBuckets(${list})`] })),
    ...times(30, () => ({
      about: 'linearBuckets()',
      lines: [
        `client.linearBuckets(${random.pick([0, 0.1, 1, -5, 0.005, 100])}, ${random.pick([0.1, 1, 0.25, 5, 1 / 3])}, ${1 + random.int(12)})`,
      ],
    })),
    ...times(45, () => ({
      about: 'exponentialBuckets()',
      lines: [
        `client.exponentialBuckets(${random.pick([0.001, 0.005, 0.1, 1, 3, 100, 0.3])}, ${random.pick([2, 1.5, 1.1, 10, 3, 1.7, 4])}, ${1 + random.int(15)})`,
      ],
    })),
  ];
}

export function defaultMetrics(): Program[] {
  const names = 'r.getMetricsAsArray().map(({ name }) => name).sort()';
  return [
    {
      about: 'collectDefaultMetrics()',
      lines: [
        'void client.collectDefaultMetrics({ register: r })',
        names,
        'r.getMetricsAsJSON().then((all) => all.map(({ name, type, aggregator }) => [name, type, aggregator]).sort())',
      ],
    },
    {
      about: 'collectDefaultMetrics() with a prefix and labels',
      lines: [
        "void client.collectDefaultMetrics({ register: r, prefix: 'p_', labels: { x: 'y' } })",
        names,
        "r.getSingleMetric('p_process_start_time_seconds')?.get().then(timeless)",
      ],
    },
    {
      about: 'collectDefaultMetrics() twice',
      lines: [
        'void client.collectDefaultMetrics({ register: r })',
        'void client.collectDefaultMetrics({ register: r })',
      ],
    },
    {
      about: 'collectDefaultMetrics() and removeSingleMetric()',
      lines: [
        'void client.collectDefaultMetrics({ register: r })',
        "r.removeSingleMetric('nodejs_version_info')",
        names,
      ],
    },
    {
      about: 'collectDefaultMetrics() with an odd label',
      lines: [
        'void client.collectDefaultMetrics({ register: r, labels: { x: undefined } })',
        'r.getMetricsAsArray().length > 0',
      ],
    },
    ...[
      "'p_'",
      '5',
      'null',
      '[]',
      "{ prefix: '9' }",
      '{ gcDurationBuckets: [1, 2] }',
      '{ eventLoopMonitoringPrecision: 20 }',
    ].map((odd) => ({
      about: 'collectDefaultMetrics() of odd options',
      lines: [`void client.collectDefaultMetrics(${odd.replace(/^\{/, '{ register: r,')})`],
    })),
    { about: 'collectDefaultMetrics.metricsList', lines: ['[...client.collectDefaultMetrics.metricsList].sort()'] },
  ];
}
