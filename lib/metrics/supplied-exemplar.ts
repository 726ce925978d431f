import { errorText, warn } from '../model/error-text.ts';
import { checkExemplarLabels, type ExemplarSource, type StoredExemplar } from '../model/exemplar.ts';
import { type Exemplar, isUnixTime } from '../model/family.ts';
import { ignoreRejection, isThenable } from '../model/promises.ts';

/**
 * What a registry's source has supplied for an update: any object of the program, or anything else, which may change with each
 * update. So it is checked when a scrape reads it: a check costs as much as ten updates.
 */
export class SuppliedExemplar {
  readonly from: StoredExemplar;
  readonly #metricName: string;
  #isRead = false;
  #exemplar: Exemplar | undefined;

  constructor(from: StoredExemplar, metricName: string) {
    this.from = from;
    this.#metricName = metricName;
  }

  /** The next reading checks it again. */
  changed(): this {
    this.#isRead = false;
    return this;
  }

  /**
   * Returns the same object until the next update, for encoders look at its identity; undefined if no format can carry the
   * exemplar, or its value is not above one bound and up to the other.
   */
  read(above: number, upTo: number): Exemplar | undefined {
    if (this.#isRead) return this.#exemplar;
    this.#isRead = true;
    this.#exemplar = undefined;
    try {
      const { from } = this;
      const found = 'read' in from ? withoutRejection(from.read()) : from;
      const { labels, value, timestampSeconds } = found;
      if (!(value > above && value <= upTo && isUnixTime(timestampSeconds ?? 0)))
        throw new RangeError('expected the value of the update and a Unix time');
      this.#exemplar = {
        labels: checkExemplarLabels(labels, this.#metricName),
        value: Number(value),
        timestampSeconds,
      };
    } catch (error) {
      report(error);
    }
    return this.#exemplar;
  }
}

/** What a series stores. An exemplar of an update's own labels was checked then. */
export type KeptExemplar = Exemplar | SuppliedExemplar;

/** A source that counts is not asked again. */
let isAsking = false;

/**
 * Returns what a series stores after an update: `previous` if the source has nothing, or throws. Reports that once, since the
 * update counts in any case.
 */
export function nextOfSource(
  source: ExemplarSource,
  metricName: string,
  value: number,
  previous: KeptExemplar | undefined,
): KeptExemplar | undefined {
  if (isAsking) return previous;
  isAsking = true;
  let next: StoredExemplar | undefined;
  const from = (previous as Partial<SuppliedExemplar> | undefined)?.from;
  try {
    next = source.next(metricName, value, from ?? (previous as Exemplar | undefined));
  } catch (error) {
    report(error);
  }
  isAsking = false;
  if (next === undefined || next === null) return previous;
  if (next === from) return (previous as SuppliedExemplar).changed();
  return new SuppliedExemplar(withoutRejection(next), metricName);
}

/** A promise is not awaited, so nobody else would handle its rejection. */
function withoutRejection<T>(supplied: T): T {
  if (isThenable(supplied)) ignoreRejection(supplied);
  return supplied;
}

let hasReported = false;

function report(error: unknown): void {
  if (!hasReported) warn('METRICS_EXEMPLARS', `An exemplar is left out, and others may be: ${errorText(error)}`);
  hasReported = true;
}
