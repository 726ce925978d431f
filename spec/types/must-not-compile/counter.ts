import { Counter } from '../../../lib/core.ts';

const plain = new Counter({ name: 'plain_total', help: 'P.', registers: [] });
const labelled = new Counter({ name: 'labelled_total', help: 'L.', labelNames: ['a', 'b'], registers: [] });

plain.inc('1'); // expects: TS2345
plain.inc(null); // expects: TS2345
plain.inc({ a: 'x' }); // expects: TS2345
plain.inc(1, 2); // expects: TS2554
plain.inc({}, 2); // expects: TS2554
plain.labels({ a: 'x' }); // expects: TS2769

labelled.inc(); // expects: TS2554
labelled.inc(1); // expects: TS2345
labelled.inc({ a: 'x' }); // expects: TS2741
labelled.inc({ a: 'x', b: 'y', colour: 'red' }); // expects: TS2353
labelled.inc({ a: 'x', colour: 'red' }); // expects: TS2353
labelled.inc({ a: 'x', b: undefined }); // expects: TS2322
labelled.inc({ a: 'x', b: null }); // expects: TS2322
labelled.inc({ a: 'x', b: {} }); // expects: TS2322
labelled.inc({ a: 'x', b: 'y' }, '1'); // expects: TS2345
labelled.inc('x', 'y'); // expects: TS2345
labelled.labels({ a: 'x' }); // expects: TS2769
labelled.labels({ a: 'x', b: 'y', colour: 'red' }); // expects: TS2769
labelled.labels('x', null); // expects: TS2345
labelled.labels('x', undefined); // expects: TS2345
labelled.remove({ a: 'x' }); // expects: TS2769
labelled.remove({ a: 'x', b: 'y', colour: 'red' }); // expects: TS2769
labelled.remove('x', null); // expects: TS2345

labelled.labels(); // expects: TS2554
labelled.labels('x'); // expects: TS2345
labelled.labels('x', 'y', 'z'); // expects: TS2554
labelled.labels(...(['x'] as const)); // expects: TS2345
labelled.remove(); // expects: TS2554
labelled.remove('x'); // expects: TS2345
plain.labels('x'); // expects: TS2345
plain.remove('x'); // expects: TS2345

labelled.labels('x', 'y').inc('1'); // expects: TS2345
labelled.labels('x', 'y').value = 5; // expects: TS2540
labelled.name = 'other'; // expects: TS2540
labelled.labelNames.push('c'); // expects: TS2339
plain.dec(); // expects: TS2339
plain.set(1); // expects: TS2339
labelled.countErrors(() => 1); // expects: TS2345
