import type { Unit } from './unit-of.ts';

/** A unit's steps: from this many base units on, the number is divided by as many, and followed by the symbol. */
type Steps = readonly (readonly [from: number, symbol: string])[];

const SECONDS: Steps = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
  [1e-9, 'ns'],
];
// Powers of 1000, as the symbols of the International System of Units mean them.
const BYTES: Steps = [
  [1e15, 'PB'],
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
  [1, 'B'],
];
const COUNTS: Steps = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
];
const SYMBOLS: Partial<Record<Unit, string>> = {
  celsius: '°C',
  volts: 'V',
  amperes: 'A',
  watts: 'W',
  joules: 'J',
  grams: 'g',
  meters: 'm',
  hertz: 'Hz',
};

// Between number and symbol, so that they stay on one line.
const SPACE = '\u00a0';
const SIGNIFICANT_DIGITS = 3;
/** From here on, counts are written with M, G, T or P. */
const LEAST_ABBREVIATED = 1e6;

/**
 * Returns a number as people write it, with its unit: `4.1 ms`, `12.3 MB`, `87 %`, `1,532`. Three significant digits; a
 * whole number below a million has all of its digits. Moments are UTC, to the second.
 */
export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value < 0 && unit !== 'timestamp') return `−${formatValue(-value, unit)}`;
  switch (unit) {
    case 'seconds':
      return value === 0 ? `0${SPACE}s` : stepped(value, SECONDS);
    case 'bytes':
      return stepped(value, BYTES);
    case 'ratio':
      return formatValue(value * 100, 'percent');
    case 'percent':
      return `${rounded(value)}${SPACE}%`;
    case 'timestamp':
      return momentOf(value);
    default: {
      const text = value < LEAST_ABBREVIATED ? rounded(value) : stepped(value, COUNTS);
      const symbol = SYMBOLS[unit];
      return symbol === undefined ? text : text + SPACE + symbol;
    }
  }
}

function stepped(value: number, steps: Steps): string {
  // The rounded number decides: 999.9 kB are 1 MB.
  const exact = Number(value.toPrecision(SIGNIFICANT_DIGITS));
  const [divisor, symbol] = steps.find(([from]) => exact >= from) ?? steps.at(-1)!;
  const isRoundedUp = value < divisor && exact >= divisor;
  return `${rounded(isRoundedUp ? 1 : value / divisor)}${SPACE}${symbol}`;
}

function rounded(value: number): string {
  if (Number.isInteger(value) && value < LEAST_ABBREVIATED) return grouped(value);
  if (value >= 1000) return grouped(Math.round(value));
  const number = Number(value.toPrecision(SIGNIFICANT_DIGITS));
  // From 0.001 on in plain digits, below with an exponent.
  return number >= 1e-3 || number === 0 ? String(number) : number.toExponential().replace('e-', 'e−');
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

// The time that a Date can hold ends 8.64e12 seconds from 1970.
function momentOf(seconds: number): string {
  if (Math.abs(seconds) > 8.64e12) return String(seconds);
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', SPACE) + `${SPACE}UTC`;
}
