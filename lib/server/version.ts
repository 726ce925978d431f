/** The version of this package, as in its package.json, which a bundle or a vendored copy cannot read. */
export const VERSION = '0.1.0';
