import { reportToPrimary } from '@finpilot/metrics/aggregate';
import { Counter } from '@finpilot/metrics/core';

new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(3);
reportToPrimary();
process.send('ready');
setInterval(() => undefined, 1000);
