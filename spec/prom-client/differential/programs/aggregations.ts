import type { SeededRandom } from '../../../support/seeded-random.ts';
import { create, KINDS, labelNames, type Program, times } from './program.ts';
import { optionsOf, updateOf } from './updates.ts';

export function aggregations(random: SeededRandom): Program[] {
  const show = [
    'merged.metrics()',
    'merged.getMetricsAsJSON()',
    "Promise.resolve(merged.getSingleMetric('m')?.get())",
    'merged.contentType',
    'merged.getMetricsAsArray().length',
  ];
  const merge = (arrays: string, type = ''): string =>
    `(merged = client.AggregatorRegistry.aggregate(${arrays}${type}), merged instanceof client.Registry)`;
  return [
    ...times(8, () =>
      KINDS.map((kind): Program => {
        const names = labelNames(random);
        const options = { ...optionsOf(kind, random), name: 'm', labelNames: names };
        return {
          about: 'AggregatorRegistry.aggregate()',
          lines: [
            create(kind, options),
            updateOf(kind, names, random),
            create(kind, options).replace('(m =', '(m2 =').replace('registers: [r]', 'registers: [r2]'),
            updateOf(kind, names, random).replaceAll('m.', 'm2.'),
            'Promise.all([r.getMetricsAsJSON(), r2.getMetricsAsJSON()]).then((all) => void (json = JSON.parse(JSON.stringify(all))))',
            merge('json'),
            ...show,
          ],
        };
      }),
    ).flat(),
    ...[
      '[]',
      '[[]]',
      '',
      'null',
      '{}',
      '[{}]',
      "[[{ name: 'm', help: 'M.', type: 'gauge', values: [], aggregator: 'wild' }]]",
      "[[{ name: 'm', help: 'M.', type: 'gauge', values: [{ value: 1, labels: {} }] }]]",
    ].map((odd): Program => ({ about: 'AggregatorRegistry.aggregate() of odd lists', lines: [merge(odd), ...show] })),
    ...[', OPENMETRICS', ', TEXT', ", 'text/html'"].map(
      (type): Program => ({
        about: 'AggregatorRegistry.aggregate() with a content type',
        lines: [
          create('counter', {}),
          'r.getMetricsAsJSON().then((all) => void (json = [all, all]))',
          merge('json', type),
          ...show,
        ],
      }),
    ),
    ...['NaN', 'Infinity'].map(
      (value): Program => ({
        about: 'AggregatorRegistry.aggregate() of JSON, which has no such number',
        lines: [
          create('gauge', {}),
          `void m.set(${value})`,
          'r.getMetricsAsJSON().then((all) => void (json = JSON.parse(JSON.stringify([all, all]))))',
          merge('json'),
          'merged.metrics()',
        ],
      }),
    ),
    ...['sum', 'first', 'min', 'max', 'average', 'omit'].flatMap((aggregator) =>
      [
        '[]',
        '[metric(1)]',
        '[metric(1), metric(3)]',
        "[metric(1), { ...metric(5), values: [{ value: 5, labels: { a: 'x' } }] }]",
      ].map(
        (list): Program => ({
          about: `aggregators.${aggregator}()`,
          lines: [
            `client.aggregators.${aggregator}(${list.replaceAll(/metric\((\d)\)/g, (_, value) => `{ name: 'm', help: 'M.', type: 'gauge', aggregator: '${aggregator}', values: [{ value: ${value}, labels: {} }] }`)})`,
          ],
        }),
      ),
    ),
  ];
}

/** The registries that gather, and 0.16's further ones. */
const GATHERING = ['AggregatorRegistry', 'ClusterRegistry', 'WorkerRegistry'];

export function clusters(): Program[] {
  const lists = ['client.register', '[client.register]', '[r, r2]', '[]', 'r', 'null', '', "'r'", '[r, 5]', '{}'];
  return GATHERING.flatMap((name): Program[] => {
    const isForSuccessor = name !== 'AggregatorRegistry';
    return [
      ...lists.map((list) => ({
        about: `${name}.setRegistries()`,
        lines: [`client.${name}.setRegistries(${list})`, `client.${name}.setRegistries(client.register)`],
        isForSuccessor,
      })),
      ...['', 'TEXT', 'OPENMETRICS', "'text/html'"].map((type) => ({
        about: `new ${name}()`,
        lines: [
          `[merged = new client.${name}(${type}), merged.contentType, merged instanceof client.Registry].slice(1)`,
          "void (m = new client.Gauge({ name: 'm', help: 'M.', registers: [merged] }))",
          'merged.metrics()',
        ],
        isForSuccessor,
      })),
      {
        about: `${name}.merge() and aggregate()`,
        lines: [
          create('gauge', {}),
          'void m.set(3)',
          `client.${name}.merge([r, r2]).metrics()`,
          'r.getMetricsAsJSON().then((all) => void (json = [all, all]))',
          `client.${name}.aggregate(json).metrics()`,
          ...(isForSuccessor ? ['client.Registry.aggregate(json, OPENMETRICS).contentType'] : []),
        ],
        isForSuccessor,
      },
    ];
  });
}
