/** What CloudWatch's specification of the embedded metric format allows as a unit. */
const UNITS = new Set([
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes', 'Bits'],
  ...['Kilobits', 'Megabits', 'Gigabits', 'Terabits', 'Percent', 'Count', 'Bytes/Second', 'Count/Second', 'None'],
]);

/**
 * All that is wrong with a line by the schema and the limits of
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * and of `PutMetricData`, whose numbers and dimensions the lines become.
 */
export function emfFaults(line: string): string[] {
  const faults: string[] = [];
  const check = (isGood: boolean, fault: string): void => void (isGood || faults.push(fault));
  check(Buffer.byteLength(line) <= 256 * 1024, 'longer than 256 KB');
  check(!/[\n\r]/.test(line), 'more than one line');
  const root = JSON.parse(line) as Record<string, unknown>;
  const { Timestamp, CloudWatchMetrics, ...others } = root['_aws'] as Record<string, unknown>;
  check(Object.keys(others).length === 0, 'unknown keys of _aws');
  check(Number.isSafeInteger(Timestamp) && (Timestamp as number) > 1e12, 'Timestamp is no time in milliseconds');
  check(Array.isArray(CloudWatchMetrics) && CloudWatchMetrics.length > 0, 'no CloudWatchMetrics');
  for (const directive of CloudWatchMetrics as Record<string, unknown>[]) {
    check(Object.keys(directive).sort().join() === 'Dimensions,Metrics,Namespace', 'keys of a directive');
    const { Namespace, Dimensions, Metrics } = directive as {
      Namespace: unknown;
      Dimensions: string[][];
      Metrics: { Name: string; Unit?: string }[];
    };
    check(typeof Namespace === 'string' && Namespace.length >= 1 && Namespace.length <= 1024, 'Namespace');
    check(Metrics.length >= 1 && Metrics.length <= 100, `${Metrics.length} metrics`);
    check(new Set(Metrics.map(({ Name }) => Name)).size === Metrics.length, 'a metric twice');
    for (const names of Dimensions) {
      check(names.length <= 30, `${names.length} dimensions`);
      check(new Set(names).size === names.length, 'a dimension twice');
      for (const name of names) {
        const value = root[name];
        check(/^(?!:)[\x21-\x7e]{1,250}$/.test(name), `name of dimension ${name}`);
        check(
          typeof value === 'string' && /^[\x20-\x7e]{1,1024}$/.test(value) && /\S/.test(value),
          `value of dimension ${name}`,
        );
      }
    }
    for (const { Name, Unit, ...rest } of Metrics) {
      check(Object.keys(rest).length === 0, `keys of metric ${Name}`);
      check(/^[\x21-\x7e]{1,1024}$/.test(Name) && Name !== '_aws', `name of metric ${Name}`);
      check(Unit === undefined || UNITS.has(Unit), `unit of metric ${Name}`);
      const value = root[Name];
      if (typeof value === 'number') check(isNumber(value), `value of metric ${Name}`);
      else {
        const { Values, Counts } = (value ?? {}) as { Values?: number[]; Counts?: number[] };
        check(
          Array.isArray(Values) && Values.length >= 1 && Values.length <= 100 && Values.every(isNumber),
          `Values of ${Name}`,
        );
        check(
          Array.isArray(Counts) && Counts.length === Values?.length && Counts.every((count) => count > 0),
          `Counts of ${Name}`,
        );
      }
    }
  }
  return faults;
}

function isNumber(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= 2 ** 360;
}
