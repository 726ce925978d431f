import type { ProvokedAlert } from './provoke-alerts.ts';
import type { StackReport } from './run-stack.ts';

/** The report as lines for people. */
export function reportLines(report: StackReport): readonly string[] {
  const { panels, rules, alerts, disk, sums } = report;
  return [
    `Prometheus ${report.prometheus}, scanners: ${report.scrapedByShard.join(' + ')}, ${report.seconds.toFixed(0)} s`,
    `panels with data: ${panels.withData} of ${panels.all} queries`,
    ...panels.missing.map((line) => `  ${line}`),
    `rules with data: ${rules.withData} of ${rules.all}`,
    ...rules.missing.map((line) => `  ${line}`),
    `stopped: ${alertLine(alerts.down)}, ${alerts.silenced} silenced`,
    `event loop blocked: ${alertLine(alerts.blocked)}`,
    `disk: ${disk.bytesPerSample.toFixed(2)} bytes a sample, ${disk.chunkBytesPerSample.toFixed(2)} without index ` +
      `(${disk.samples} samples of ${disk.series} series)`,
    ...sums.map(
      ({ what, before, shards, store, global, after }) =>
        `${what}: processes ${before}, shards ${shards}, store ${store}, global ${global ?? '-'}, processes ${after}`,
    ),
  ];
}

function alertLine({ firingAfterSeconds, receiver, resolvedAfterSeconds }: ProvokedAlert): string {
  const [firing, resolved] = [firingAfterSeconds.toFixed(1), resolvedAfterSeconds.toFixed(1)];
  return `alert firing after ${firing} s, told to ${receiver}, resolved ${resolved} s after the end`;
}
