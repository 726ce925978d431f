/** Rates and quantiles are those of the last minute, as long as scrapes are more frequent than that. */
export const WINDOW_SECONDS = 60;
