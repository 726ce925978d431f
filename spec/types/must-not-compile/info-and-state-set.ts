import { Counter, Info, StateSet } from '../../../lib/core.ts';

const build = new Info({ name: 'build_info', help: 'B.', labelNames: ['version'], registers: [] });
const phase = new StateSet({ name: 'phase', help: 'P.', states: ['waiting', 'running'], registers: [] });
const phases = new StateSet({ name: 'phases', help: 'P.', states: ['on'], labelNames: ['job'], registers: [] });

build.set(); // expects: TS2554
build.set({}); // expects: TS2741
build.set({ version: '1', commit: 'a' }); // expects: TS2353
new Info({ name: 'x_info', help: 'X.', labelNames: ['a'], unit: 'seconds' }); // expects: TS2353
new Info({ name: 'x_info', help: 'X.' }); // expects: TS2741

phase.select('lost'); // expects: TS2345
phase.select({ job: 'a' }, 'running'); // expects: TS2554
phase.set('running'); // expects: TS2554
phase.set('running', 1); // expects: TS2345
phases.remove('x', 'y'); // expects: TS2554
phases.select('on'); // expects: TS2554
phases.select({ task: 'a' }, 'on'); // expects: TS2353
phases.set({ job: 'a' }, 'off', true); // expects: TS2345
new StateSet({ name: 'x', help: 'X.' }); // expects: TS2769

new Counter({ name: 'c', help: 'C.', registers: [] }).labels().inc(1, 'trace'); // expects: TS2345
