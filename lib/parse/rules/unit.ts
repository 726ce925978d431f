import type { OpenFamily } from '../open-family.ts';
import type { Scanner } from '../scanner.ts';

/**
 * Holds the unit of a family, if it has one, to its name and type (OpenMetrics 1.0, "Unit", "StateSet" and "Info").
 * Called when either is known; a fault is reported at the scanner's position.
 */
export function checkUnit(scanner: Scanner, family: OpenFamily): void {
  const { name, unit = '' } = family;
  const type = family.settled?.type;
  if (unit === '') return;
  if (!name.endsWith(`_${unit}`)) scanner.fail(scanner.at, `a unit that ${name} ends with, behind an underscore`);
  const mayHaveUnit = type !== 'info' && type !== 'stateset';
  if (!mayHaveUnit) scanner.fail(scanner.at, `no unit on ${name}, which is of type ${type}`, unit);
}
