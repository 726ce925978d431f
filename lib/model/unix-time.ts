/** The first second that google.protobuf.Timestamp cannot hold: that of the year 10000. */
const END_OF_TIME_SECONDS = 253_402_300_800;

/**
 * Whether every format can carry a time: from 1970 to the year 9999. Protobuf's Timestamp ends there, and a time before
 * 1970 is a clock that was not set, or milliseconds or a difference in the wrong place.
 */
export function isUnixTime(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && seconds >= 0 && seconds < END_OF_TIME_SECONDS;
}
