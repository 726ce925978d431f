/** A unit as it stands in the name of a metric, and the base unit to use in its place. */
interface UnitOfName {
  readonly unit: string;
  /** The same, if it is a base unit. */
  readonly baseUnit: string;
}

/**
 * Returns the first unit among the words of a metric name, with its prefix if it has one; undefined if none is known.
 * Words that only end like a unit are none: `thermometers` are no meters, and `kilometers` are.
 */
export function unitOfName(name: string): UnitOfName | undefined {
  for (const word of name.split('_')) {
    const prefix = PREFIXES.find((one) => word.startsWith(one) && BASE_UNITS.has(word.slice(one.length)));
    const baseUnit = BASE_UNITS.get(word) ?? (prefix && BASE_UNITS.get(word.slice(prefix.length)));
    if (baseUnit !== undefined) return { unit: word, baseUnit };
  }
  return undefined;
}

/** The units that promlint knows; a base unit with a prefix is to be used without it. */
const BASE_UNITS: ReadonlyMap<string, string> = new Map([
  ...['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'seconds', 'volts'].map(
    (unit) => [unit, unit] as const,
  ),
  ['minutes', 'seconds'],
  ['hours', 'seconds'],
  ['days', 'seconds'],
  ['weeks', 'seconds'],
  ['kelvins', 'kelvin'],
  ['fahrenheit', 'celsius'],
  ['rankine', 'celsius'],
  ['inches', 'meters'],
  ['yards', 'meters'],
  ['miles', 'meters'],
  ['bits', 'bytes'],
  ['calories', 'joules'],
  ['pounds', 'grams'],
  ['ounces', 'grams'],
]);

/** Promlint's, which spells `mebi` as `mibi`: what it lets pass is let pass here. */
const PREFIXES = [
  ...['pico', 'nano', 'micro', 'milli', 'centi', 'deci', 'deca', 'hecto', 'kilo', 'mega', 'giga', 'tera', 'peta'],
  ...['kibi', 'mibi', 'gibi', 'tebi', 'pebi'],
] as const;
