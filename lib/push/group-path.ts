import { type LabelValue, labelValueText, wellFormed } from '../model/label-value.ts';
import { describe, isLegacyLabelName } from '../model/names.ts';

/**
 * Returns the path of a group, `/job/JOB/name/value…`, behind `/metrics`. Throws a TypeError or RangeError on a job or
 * label that no gateway takes.
 *
 * Values stand there percent-encoded. Those that this would not bring through, since servers and proxies take `%2F` for
 * a slash, `.` and `..` for steps, and two slashes for one, are in base64, which the gateway is told by `name@base64`.
 */
export function groupPath(
  jobName: string | undefined,
  groupings: Readonly<Record<string, LabelValue>> | null | undefined,
  requireJobName: boolean,
): string {
  const isMissing = jobName === undefined || jobName === '';
  if (isMissing ? requireJobName : typeof jobName !== 'string') {
    throw new TypeError(
      `Cannot push metrics: expected jobName to be a string of at least one character, got ${describe(jobName)}.`,
    );
  }
  const job = isMissing ? '' : segments('job', jobName);
  const others = Object.entries(groupings ?? {}).map(([name, value]) => groupingPath(name, value));
  return job + others.join('');
}

function groupingPath(name: string, value: LabelValue): string {
  if (!isLegacyLabelName(name) || name.startsWith('__') || name === 'job') {
    throw new RangeError(
      `Cannot push metrics by label ${describe(name)}: expected letters, digits and "_" in the name of a grouping, ` +
        'no digit or "__" at its start, and not "job", which jobName is for.',
    );
  }
  return segments(name, labelValueText(value, name, 'groupings'));
}

function segments(name: string, value: string): string {
  const text = wellFormed(value);
  if (!/^\.{0,2}$|\//.test(text)) return `/${name}/${encodeURIComponent(text)}`;
  // An empty segment would be lost, and padding is decoded to nothing.
  return `/${name}@base64/${Buffer.from(text).toString('base64url') || '='}`;
}
