import type { StackReport } from './run-stack.ts';

/** The report as lines for people. */
export function reportLines(report: StackReport): readonly string[] {
  const { panels, rules, alert, disk, sums } = report;
  return [
    `Prometheus ${report.prometheus}, scanners: ${report.scrapedByShard.join(' + ')}, ${report.seconds.toFixed(0)} s`,
    `panels with data: ${panels.withData} of ${panels.all} queries`,
    ...panels.missing.map((line) => `  ${line}`),
    `rules with data: ${rules.withData} of ${rules.all}`,
    ...rules.missing.map((line) => `  ${line}`),
    `alert: firing ${alert.firingAfterSeconds.toFixed(1)} s after the stop, told to ${alert.receiver}, ` +
      `${alert.silenced} silenced, resolved ${alert.resolvedAfterSeconds.toFixed(1)} s after the start`,
    `disk: ${disk.bytesPerSample.toFixed(2)} bytes a sample, ${disk.chunkBytesPerSample.toFixed(2)} without index ` +
      `(${disk.samples} samples of ${disk.series} series)`,
    ...sums.map(
      ({ what, before, shards, store, global, after }) =>
        `${what}: processes ${before}, shards ${shards}, store ${store}, global ${global ?? '-'}, processes ${after}`,
    ),
  ];
}
