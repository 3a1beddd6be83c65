import { now } from "./clock.js";

/** The stretch of time every page looks at, kept in the address so that a link shows the same. */

export const RANGES = [["15m", "15 min"], ["1h", "1 hour"], ["6h", "6 hours"], ["24h", "24 hours"], ["7d", "7 days"]];
const SECONDS = { "15m": 900, "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800 };

/** Steps the API rounds nothing of, finest first. */
const STEPS = [[10, "10s"], [30, "30s"], [60, "1m"], [120, "2m"], [300, "5m"], [600, "10m"], [1800, "30m"], [3600, "1h"]];
const MOST_POINTS = 360;

/** In words, as the choice has it. */
export function nameOf(range) {
  return RANGES.find(([value]) => value === range)?.[1] ?? range;
}

export function secondsOf(range) {
  return SECONDS[range] ?? SECONDS["15m"];
}

/** The finest step that gives no more points than a chart has pixels to spend on them. */
export function stepOf(range) {
  const [seconds, text] = STEPS.find(([step]) => secondsOf(range) / step <= MOST_POINTS) ?? STEPS.at(-1);
  return { seconds, text };
}

/** However young the data is, a chart shows two minutes. */
const SHORTEST_SECONDS = 120;

/**
 * The shown time as epoch seconds, ending now. Where nothing is as old as the range, it begins where the data begins: a
 * chart that is empty but for its edge tells nothing.
 */
export function bounds(range, oldest = null, newest = now()) {
  const to = newest / 1000;
  const from = to - secondsOf(range);
  return [oldest === null ? from : Math.max(from, Math.min(oldest, to - SHORTEST_SECONDS)), to];
}
