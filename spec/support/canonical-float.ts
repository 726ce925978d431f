/**
 * Writes a number in the canonical float form of `le` and `quantile`: `1.0`, `0.005`, `1e-07`, `1e+06`, `+Inf`.
 *
 * That is Go's `strconv.FormatFloat(value, 'g', -1, 64)`: the shortest digits that read back as the same double, with
 * an exponent of two digits or more when it is below -4 or above 5. `.0` is added to what would look like an integer.
 */
export function canonicalFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent > 5) return `${sign}${mantissa}e${signedTwoDigits(exponent)}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const padded = digits.padEnd(exponent + 2, '0');
  return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1)}`;
}

function signedTwoDigits(exponent: number): string {
  return (exponent < 0 ? '-' : '+') + String(Math.abs(exponent)).padStart(2, '0');
}
