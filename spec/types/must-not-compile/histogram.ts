import { Histogram } from '../../../lib/core.ts';

const plain = new Histogram({ name: 'plain', help: 'P.', registers: [] });
const labelled = new Histogram({ name: 'labelled', help: 'L.', labelNames: ['a', 'b'], registers: [] });

plain.observe(); // expects: TS2554
plain.observe('1'); // expects: TS2345
plain.observe(undefined); // expects: TS2345
plain.observe({ a: 'x' }, 1); // expects: TS2554
plain.startTimer({ a: 'x' }); // expects: TS2322
plain.time(); // expects: TS2554
plain.time(5); // expects: TS2345
plain.quantile(); // expects: TS2554
plain.quantile('0.5'); // expects: TS2345

labelled.observe(1); // expects: TS2554
labelled.observe({ a: 'x', b: 'y' }); // expects: TS2554
labelled.observe({ a: 'x' }, 1); // expects: TS2741
labelled.observe({ a: 'x', b: 'y', colour: 'red' }, 1); // expects: TS2353
labelled.observe({ a: 'x', b: 'y' }, '1'); // expects: TS2345
labelled.startTimer({ colour: 'red' }); // expects: TS2353
labelled.startTimer({ a: 'x' })({ colour: 'red' }); // expects: TS2353
labelled.time({ a: 'x' }, () => 1); // expects: TS2741
labelled.time(() => 1); // expects: TS2345
labelled.quantile(0.5, { a: 'x' }); // expects: TS2741
labelled.remove({ a: 'x' }); // expects: TS2769
labelled.labels('x'); // expects: TS2345
labelled.remove('x', 'y', 'z'); // expects: TS2554
plain.labels('x'); // expects: TS2345
labelled.labels('x', 'y').observe(); // expects: TS2554
labelled.labels('x', 'y').observe('1'); // expects: TS2345
labelled.upperBounds.push(5); // expects: TS2339

const text: string = labelled.time({ a: 'x', b: 'y' }, () => 1); // expects: TS2322
new Histogram({ name: 'buckets', help: 'B.', buckets: ['1'] }); // expects: TS2769
new Histogram({ name: 'buckets', help: 'B.', buckets: 5 }); // expects: TS2769
