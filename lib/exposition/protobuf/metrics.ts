import type { Series } from '../../model/family.ts';

/** How many series are written in one step; between two steps the event loop may be given back. */
export const SERIES_PER_STEP = 128;

/** Writes the `metric` fields of a family, some series at a time. */
export interface ProtobufMetrics {
  /** The array of series that the metrics are of, which only grows. */
  readonly series: readonly Series[];
  /** How many bytes the first `count` series of a step take. It stays so until they have been written. */
  stepBytes(step: number, count: number): number;
  /** Writes the first `count` series of a step at `at`. */
  writeStep(step: number, count: number, bytes: Uint8Array, at: number): void;
}
