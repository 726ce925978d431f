/**
 * Reads a number as our exposition writes it: a decimal by JSON's grammar, or exactly `NaN`, `+Inf`, `-Inf`.
 *
 * Returns undefined for everything else. That includes forms that Go's ParseFloat, hence Prometheus, would take (`+1`,
 * `.5`, `0x1p3`, `inf`, `1_000`) and decimals too large for a double, which it would not.
 */
export function parseFloatText(text: string): number | undefined {
  if (text === 'NaN') return NaN;
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  if (!/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
