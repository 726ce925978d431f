import { nativeBuckets } from './native-buckets.ts';
import { NativeSnapshot } from './snapshot.ts';

export type { NativeBucketsOptions } from './native-buckets.ts';
export type { NativeHistogramChild } from './native-child.ts';
export type { NativeDump } from './snapshot.ts';
export { NativeSnapshot, nativeBuckets };

/** The same names as the named exports. */
export default { NativeSnapshot, nativeBuckets };
