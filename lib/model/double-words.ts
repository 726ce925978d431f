/** Holds a double whose bits are read through {@link wordView}. Written and read in one step. */
export const doubleView = new Float64Array(1);

/** The two words of the double in {@link doubleView}. */
export const wordView = new Int32Array(doubleView.buffer);

/** The word that holds sign, exponent and the upper 20 bits of the fraction: 1, or 0 on the rare big-endian machine. */
export const HIGH_WORD = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 1 : 0;
