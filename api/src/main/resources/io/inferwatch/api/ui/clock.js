/**
 * What the sidecar's clock says. The clock of whoever looks may be wrong by minutes, and then old data would look fresh, or
 * fresh data old: the event stream says every other second what time it is there.
 */

/** What is told is as old as its way here: less than this is no difference. */
const AGREES_MS = 3000;

/** The most it was ever ahead on this connection: what is late on its way only makes it look less. */
let mostAheadMs = null;
let aheadMs = 0;

/** @param time what the sidecar just said that it is */
export function hear(time) {
  const told = Date.parse(time ?? "");
  if (Number.isNaN(told)) return;
  mostAheadMs = Math.max(mostAheadMs ?? -Infinity, told - Date.now());
  aheadMs = Math.abs(mostAheadMs) < AGREES_MS ? 0 : mostAheadMs;
}

/** Another connection: its clock may have been set, or be another's. */
export function forget() {
  mostAheadMs = null;
}

/** Now, in ms since the epoch. */
export function now() {
  return Date.now() + aheadMs;
}
