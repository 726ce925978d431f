import { Counter, Gauge, Histogram, Info, MetricsRegistry, StateSet } from '../../lib/core.ts';
import { Summary } from '../../lib/summary.ts';

/** A registry with one metric of each kind, and labels with characters that dialects give a meaning. */
export function everyKind(): { registry: MetricsRegistry; scans: Counter<'strategy'>; wait: Histogram<never> } {
  const registry = new MetricsRegistry({ constantLabels: { region: 'eu' } });
  const registers = [registry];
  const scans = new Counter({ name: 'scans_total', help: 'Scans.', labelNames: ['strategy'], registers });
  scans.inc({ strategy: 'swing' }, 3);
  scans.inc({ strategy: 'a|b,c;d=e:f#g h' }, 0.5);
  scans.inc({ strategy: '' }, 2);
  const depth = new Gauge({ name: 'depth', help: 'Depth.', labelNames: ['i'], registers });
  [7, -2.5, NaN, Infinity].forEach((value, i) => depth.set({ i }, value));
  const wait = new Histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [1, 2, 4], registers });
  for (const value of [0.5, 1.5, 1.5, 3]) wait.observe(value);
  const size = new Summary({ name: 'size_bytes', help: 'Size.', percentiles: [0.5], registers });
  size.observe(100);
  size.observe(100);
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1.4' });
  new StateSet({ name: 'phase', help: 'Phase.', states: ['on', 'off'], registers }).select('on');
  registry.registerCollector({
    name: 'odd',
    collect: () => [
      {
        name: 'age',
        help: 'Age.',
        type: 'gaugehistogram',
        upperBounds: [1],
        series: [{ bucketCounts: [2, 1], sum: 5 }],
      },
    ],
  });
  return { registry, scans, wait };
}
