import { parentPort } from 'node:worker_threads';
import { reportToParentThread } from '@finpilot/metrics/aggregate';
import { Counter } from '@finpilot/metrics/core';

new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(3);
reportToParentThread();
parentPort.postMessage('ready');
setInterval(() => undefined, 1000);
