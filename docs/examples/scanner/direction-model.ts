/** Closing prices that a prediction looks at. */
export const MODEL_WINDOW = 12;

const LEARNING_RATE = 0.02;

/**
 * A tiny model that is trained while it is used: a logistic regression, by stochastic gradient descent, of whether the
 * next close is higher, on the last change, the change over the window and a constant.
 */
export class DirectionModel {
  readonly name = 'direction';
  readonly #weights = [0, 0, 0];

  /** Returns the probability, 0 to 1, that the close after these is higher; 0.5 before any training. */
  predict(closes: readonly number[]): number {
    return this.#probability(featuresOf(closes));
  }

  /** Learns from what came after `closes`. */
  learn(closes: readonly number[], hasRisen: boolean): void {
    const features = featuresOf(closes);
    const error = (hasRisen ? 1 : 0) - this.#probability(features);
    features.forEach((feature, i) => (this.#weights[i]! += LEARNING_RATE * error * feature));
  }

  #probability(features: readonly number[]): number {
    const score = features.reduce((sum, feature, i) => sum + feature * this.#weights[i]!, 0);
    return 1 / (1 + Math.exp(-score));
  }
}

/** Changes in units of the window's own volatility, so that an index by day and a stock by month look alike. */
function featuresOf(closes: readonly number[]): readonly number[] {
  const window = closes.slice(-MODEL_WINDOW);
  const changes = window.slice(1).map((close, i) => Math.log(close / window[i]!));
  const volatility = Math.sqrt(changes.reduce((sum, change) => sum + change ** 2, 0) / changes.length);
  if (!(volatility > 0)) return [1, 0, 0];
  const total = changes.reduce((sum, change) => sum + change, 0);
  return [1, changes.at(-1)! / volatility, total / (volatility * Math.sqrt(changes.length))];
}
