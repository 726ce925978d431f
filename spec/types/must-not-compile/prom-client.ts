import { Counter, type CounterChild, type CounterWithExemplars, Gauge, Histogram, Registry, Summary } from '../../../lib/index.ts';

const registers = [new Registry()] as const;
const plain = new Counter({ name: 'plain_total', help: 'P.', registers });
const labelled = new Counter({ name: 'labelled_total', help: 'L.', labelNames: ['a', 'b'], registers });
const gauge = new Gauge({ name: 'gauge', help: 'G.', labelNames: ['a'], registers });
const histogram = new Histogram({ name: 'histogram', help: 'H.', labelNames: ['a'], registers });
const summary = new Summary({ name: 'summary', help: 'S.', labelNames: ['a'], percentiles: [0.5], registers });
const exemplars = new Counter({ name: 'e_total', help: 'E.', labelNames: ['a'], enableExemplars: true, registers });

plain.inc({ a: 'x' }); // expects: TS2345
labelled.inc({ a: 'x' }); // expects: TS2741
labelled.inc({ a: 'x', b: 'y', colour: 'red' }); // expects: TS2353
labelled.inc({ labels: { a: 'x', b: 'y' }, value: 1 }); // expects: TS2353
labelled.labels('x'); // expects: TS2345
gauge.labels('x', 'y'); // expects: TS2554
summary.labels(); // expects: TS2554
exemplars.remove('x', 'y'); // expects: TS2554
gauge.set(1); // expects: TS2554
histogram.observe({}, 1); // expects: TS2741
histogram.zero({}); // expects: TS2741
summary.observe({ b: 'x' }, 1); // expects: TS2353
exemplars.inc({ a: 'x' }); // expects: TS2353
exemplars.inc(1); // expects: TS2559
new Counter({ name: 'x', help: 'X.', aggregator: 'median' }); // expects: TS2769
new Registry('text/html'); // expects: TS2345

const child: CounterChild = labelled.labels('x', 'y');
const withExemplars: CounterWithExemplars<'a'> = exemplars;
child.inc();
withExemplars.inc({ labels: { a: 'x' }, exemplarLabels: { trace_id: '1' } });
