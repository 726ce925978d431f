import { Counter, Gauge, Histogram, type LabelValue, type Labels } from '../../../lib/core.ts';

declare const none: Counter<never>;
declare const a: Counter<'a'>;
declare const gauge: Gauge<'a'>;

const toOne: Counter<'a'> = none; // expects: TS2375
const toNone: Counter<never> = a; // expects: TS2375
const toCounter: Counter<'a'> = gauge; // expects: TS2375
const toHistogram: Histogram = a; // expects: TS2375

const value: LabelValue = null; // expects: TS2322
const missing: Labels<'a' | 'b'> = { a: 'x' }; // expects: TS2741
const unknown: Labels<'a'> = { a: 'x', b: 'y' }; // expects: TS2353

const inferred = new Counter({ name: 'x', help: 'X.', labelNames: ['a'] });
const wrong: Counter<'b'> = inferred; // expects: TS2375
