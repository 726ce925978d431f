/** Who reports the numbers of a part. */
export interface PartOwner {
  readonly hasEnded: boolean;
}

/** What one place (a worker, and after its end the one that takes its place) has counted of one series. */
export class Part {
  readonly place: number;
  /** Whose numbers stand here. */
  owner: PartOwner;
  /** Whether the owner has the series now. What it counted before it removed the series still counts. */
  isAttached = true;
  /** Whether a worker had the series when it ended: what it counted is kept for good. */
  isOfTheEnded = false;
  /** As the owner reported them last. */
  readonly numbers: number[];
  /** What was counted before the numbers began again at 0; undefined if they never did. */
  #before: number[] | undefined;

  constructor(place: number, owner: PartOwner, width: number) {
    this.place = place;
    this.owner = owner;
    this.numbers = new Array<number>(width).fill(0);
  }

  /**
   * One of the numbers, with what was counted before. It stays the same when {@link beginAgain} is called, to the last
   * bit, and does not fall while the number rises; nor does the sum of parts in a fixed order, since a rounded addition
   * is monotone. (Were the totals of ended workers added up elsewhere, the order would change and a sum could fall by
   * its last bit, which Prometheus takes for a restart from 0.)
   */
  total(k: number): number {
    return this.#before === undefined ? this.numbers[k]! : this.#before[k]! + this.numbers[k]!;
  }

  /** Keeps what has been counted, for numbers that start again at 0. */
  beginAgain(): void {
    this.#before = this.numbers.map((_, k) => this.total(k));
    this.numbers.fill(0);
  }
}
