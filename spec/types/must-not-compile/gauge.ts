import { Gauge } from '../../../lib/core.ts';

const plain = new Gauge({ name: 'plain', help: 'P.', registers: [] });
const labelled = new Gauge({ name: 'labelled', help: 'L.', labelNames: ['a', 'b'], registers: [] });

plain.set(); // expects: TS2554
plain.set('1'); // expects: TS2345
plain.set(undefined); // expects: TS2345
plain.set({}, 1); // expects: TS2554
plain.set({ a: 'x' }, 1); // expects: TS2554
plain.inc({ a: 'x' }); // expects: TS2345
plain.dec('1'); // expects: TS2345
plain.setToCurrentTime({ a: 'x' }); // expects: TS2554
plain.startTimer({ a: 'x' }); // expects: TS2322

labelled.set(1); // expects: TS2554
labelled.set({ a: 'x', b: 'y' }); // expects: TS2554
labelled.set({ a: 'x' }, 1); // expects: TS2741
labelled.set({ a: 'x', b: 'y', colour: 'red' }, 1); // expects: TS2353
labelled.set({ a: 'x', b: null }, 1); // expects: TS2322
labelled.set({ a: 'x', b: 'y' }, '1'); // expects: TS2345
labelled.inc(); // expects: TS2554
labelled.dec(1); // expects: TS2345
labelled.inc({ a: 'x' }); // expects: TS2741
labelled.dec({ a: 'x', b: 'y' }, '1'); // expects: TS2345
labelled.setToCurrentTime(); // expects: TS2554
labelled.setToCurrentTime({ a: 'x' }); // expects: TS2741
labelled.startTimer({ colour: 'red' }); // expects: TS2353
labelled.startTimer({ a: 'x' })({ colour: 'red' }); // expects: TS2353
labelled.remove({ a: 'x' }); // expects: TS2769
labelled.labels('x'); // expects: TS2345
labelled.remove('x', 'y', 'z'); // expects: TS2554
plain.labels('x'); // expects: TS2345
labelled.labels('x', 'y').set(); // expects: TS2554
labelled.labels('x', 'y').value = 5; // expects: TS2540

new Gauge({ name: 'value', help: 'V.', value: () => '1' }); // expects: TS2769
new Gauge({ name: 'value', help: 'V.', value: 1 }); // expects: TS2769
new Gauge({ name: 'value', help: 'V.', value: async () => '1' }); // expects: TS2769
new Gauge({ name: 'value', help: 'V.', labelNames: ['a'], collect() { this.set(1); } }); // expects: TS2554
new Gauge({ name: 'value', help: 'V.', collect() { this.set({ a: 'x' }, 1); } }); // expects: TS2554
labelled.trackInProgress(() => 1); // expects: TS2345
