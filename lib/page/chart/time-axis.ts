/** Where moments lie on a chart whose right edge is the last scrape. */
export interface TimeAxis {
  /** When each remembered scrape was taken, oldest first, in seconds. */
  readonly times: readonly number[];
  /** How long before the last scrape the left edge is. */
  readonly spanSeconds: number;
  /** Two scrapes further apart are not joined by a line. */
  readonly gapSeconds: number;
}
