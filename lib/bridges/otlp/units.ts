/** UCUM's codes, as OpenTelemetry's compatibility specification has them. */
const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    days: 'd',
    hours: 'h',
    minutes: 'min',
    seconds: 's',
    milliseconds: 'ms',
    microseconds: 'us',
    nanoseconds: 'ns',
    bytes: 'By',
    kibibytes: 'KiBy',
    mebibytes: 'MiBy',
    gibibytes: 'GiBy',
    tibibytes: 'TiBy',
    kilobytes: 'KBy',
    megabytes: 'MBy',
    gigabytes: 'GBy',
    terabytes: 'TBy',
    meters: 'm',
    volts: 'V',
    amperes: 'A',
    joules: 'J',
    watts: 'W',
    grams: 'g',
    celsius: 'Cel',
    hertz: 'Hz',
    ratio: '1',
    percent: '%',
  }),
);

/** The codes of the words behind `_per_`. */
const PER_CODES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    second: 's',
    minute: 'min',
    hour: 'h',
    day: 'd',
    week: 'wk',
    month: 'mo',
    year: 'a',
  }),
);

/** Returns the UCUM code of a unit such as `seconds` or `bytes_per_second`; a word that has none stays as it is. */
export function ucumCode(unit: string): string {
  const [word = '', per] = unit.split('_per_', 2);
  const code = CODES.get(word) ?? word;
  return per === undefined ? code : `${code}/${PER_CODES.get(per) ?? per}`;
}
