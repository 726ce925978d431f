// An ES module that takes the library by `import` and by `require()`: the types of both are the same. It is compiled and run.

import client, * as imported from '@finpilot/metrics';
import * as importedAggregate from '@finpilot/metrics/aggregate';
import * as importedCore from '@finpilot/metrics/core';
import * as importedNative from '@finpilot/metrics/native';
import * as importedParse from '@finpilot/metrics/parse';
import required = require('@finpilot/metrics');
import requiredAggregate = require('@finpilot/metrics/aggregate');
import requiredCore = require('@finpilot/metrics/core');
import requiredNative = require('@finpilot/metrics/native');
import requiredParse = require('@finpilot/metrics/parse');

/** `true` if the compiler takes two types for the same one, not only for assignable. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// Values of types with private members, each way.
const registry: imported.MetricsRegistry = new required.MetricsRegistry();
const counter: required.Counter<'side'> = new client.Counter({ name: 'a_total', help: 'A.', labelNames: ['side'] });
const gauge: importedCore.Gauge = new requiredCore.Gauge({ name: 'b', help: 'B.', registers: [registry] });
const aggregator: requiredAggregate.ClusterAggregator = new importedAggregate.ClusterAggregator({ registry });
const open: (server: imported.MetricsServer) => required.MetricsServer = (server) => server;
const snapshot: (native: requiredNative.NativeSnapshot) => importedNative.NativeSnapshot = (native) => native;

// Generic types, functions and those of plain objects.
const areSame: readonly true[] = [
  true satisfies Same<imported.Counter<'side'>, required.Counter<'side'>>,
  true satisfies Same<imported.CounterOptions<'side'>, required.CounterOptions<'side'>>,
  true satisfies Same<importedParse.ParsedFamily, requiredParse.ParsedFamily>,
  true satisfies Same<typeof client, typeof required.default>,
  true satisfies Same<typeof importedCore.default, typeof requiredCore.default>,
  true satisfies Same<keyof typeof imported, keyof typeof required>,
  true satisfies Same<keyof typeof importedParse, keyof typeof requiredParse>,
];

const values = [
  imported.register === required.register,
  importedCore.Counter === requiredCore.Counter,
  importedParse.parse === requiredParse.parse,
  gauge instanceof required.Gauge,
  counter instanceof importedCore.Counter,
];
console.log([...areSame, ...values].every(Boolean));
aggregator.close();
void open;
void snapshot;
