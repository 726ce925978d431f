/** The unit of a number, as far as it affects how people write the number. */
export type Unit =
  | 'seconds'
  | 'timestamp'
  | 'bytes'
  | 'ratio'
  | 'percent'
  | 'celsius'
  | 'volts'
  | 'amperes'
  | 'watts'
  | 'joules'
  | 'grams'
  | 'meters'
  | 'hertz'
  | 'none';

// The base units that Prometheus recommends: the last word of a name, before `_total`.
const UNITS: Readonly<Record<string, Unit>> = {
  seconds: 'seconds',
  bytes: 'bytes',
  ratio: 'ratio',
  utilization: 'ratio',
  percent: 'percent',
  celsius: 'celsius',
  volts: 'volts',
  amperes: 'amperes',
  watts: 'watts',
  joules: 'joules',
  grams: 'grams',
  meters: 'meters',
  hertz: 'hertz',
};

/** Larger values are divided by `from` of the first step they reach, and followed by its symbol. */
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
// SI prefixes are powers of 1000.
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

/** Days to seconds. */
const SPANS = SECONDS.slice(0, 4);

// Keeps a number and its symbol on one line.
const SPACE = '\u00a0';
const SIGNIFICANT_DIGITS = 3;
/** Counts from here on are written with M, G, T or P. */
const LEAST_ABBREVIATED = 1e6;

/**
 * Returns the unit of a metric: the unit in the exposition, otherwise the one that ends the name. Seconds that denote a
 * moment (`…_start_time_seconds`, `…_timestamp_seconds`) are a `timestamp`.
 */
export function unitOf(name: string, unit = ''): Unit {
  if (/_(?:start_time|timestamp)_seconds$/.test(name)) return 'timestamp';
  const word = unit === '' ? /([a-z]+)(?:_(?:total|sum))?$/.exec(name)?.[1] : unit;
  return (word !== undefined && Object.hasOwn(UNITS, word) && UNITS[word]) || 'none';
}

/**
 * Returns a number with its unit, for people: `4.1 ms`, `12.3 MB`, `87 %`, `1,532`. It has three significant digits;
 * whole numbers below a million have all digits. Timestamps are UTC, to the second.
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

/** Returns a duration in its two largest units: `3 h 12 min`, `45 s`. A negative one is `0 s`. */
export function formatSpan(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = SPANS.findIndex(([size]) => rest >= size);
  if (first === -1) return `0${SPACE}s`;
  const parts = SPANS.slice(first, first + 2).map(([size, symbol]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count === 0 ? '' : `${count}${SPACE}${symbol}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

function stepped(value: number, steps: Steps): string {
  // The rounded number selects the step: 999.9 kB is 1 MB.
  const exact = Number(value.toPrecision(SIGNIFICANT_DIGITS));
  const [divisor, symbol] = steps.find(([from]) => exact >= from) ?? steps.at(-1)!;
  const isRoundedUp = value < divisor && exact >= divisor;
  return `${rounded(isRoundedUp ? 1 : value / divisor)}${SPACE}${symbol}`;
}

function rounded(value: number): string {
  if (Number.isInteger(value) && value < LEAST_ABBREVIATED) return grouped(value);
  if (value >= 1000) return grouped(Math.round(value));
  const number = Number(value.toPrecision(SIGNIFICANT_DIGITS));
  // Plain digits from 0.001, an exponent below.
  return number >= 1e-3 || number === 0 ? String(number) : number.toExponential().replace('e-', 'e−');
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

// A Date can hold 8.64e12 seconds from 1970.
function momentOf(seconds: number): string {
  if (Math.abs(seconds) > 8.64e12) return String(seconds);
  const [date, time] = new Date(seconds * 1000).toISOString().split(/[T.]/);
  return `${date}${SPACE}${time}${SPACE}UTC`;
}
