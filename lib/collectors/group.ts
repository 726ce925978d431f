import type { CollectedFamily } from '../model/collector.ts';

/** Metric families that are read together, so that their values agree, and left out together. */
export interface Group {
  /** Reads the families; `undefined` for one whose value is unavailable. */
  collect(): readonly (CollectedFamily | undefined)[];
  /** Releases what the group holds between scrapes; most hold nothing. */
  stop?(): void;
}
