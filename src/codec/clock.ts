/**
 * The clocks as they are when the process starts: what comex needs them for must be neither slowed down nor counted when a
 * run is watched for its use of them.
 */

/** Milliseconds by the monotonic clock. */
export const monotonicNow: () => number = performance.now.bind(performance);

/** Milliseconds since 1970. */
export const wallNow: () => number = Date.now.bind(Date);
