import { point } from "./format.js";

/** Answers of the query routes with a step, merged window by window, as the columns a chart draws. */
export class Columns {
  #series = new Map();
  #step;

  constructor(stepSeconds) {
    this.#step = stepSeconds;
  }

  /** Takes in an answer; a window already held is replaced, for the open one grows. */
  merge(answer, pick) {
    for (const one of answer.series) {
      const key = keyOf(one);
      if (!this.#series.has(key)) {
        this.#series.set(key, { key, labels: one.labels, provenance: one.provenance, values: new Map() });
      }
      const values = this.#series.get(key).values;
      for (const window of one.windows ?? []) {
        values.set(Date.parse(window.from) / 1000, point(pick(window)));
      }
    }
  }

  /** The start of the oldest window held, in epoch seconds; null without one. */
  get oldest() {
    const starts = [...this.#series.values()].flatMap((series) => [...series.values.keys()]);
    return starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b));
  }

  /**
   * All windows of a stretch of time on one grid; a window nobody filled is null, not zero.
   * @param isSum whether values add up over a window: then one that is still being filled would look like a fall, and is left out
   */
  table(from, to, isSum = false) {
    const first = Math.floor(from / this.#step) * this.#step;
    const times = [];
    for (let at = first; isSum ? at + this.#step <= to : at <= to; at += this.#step) times.push(at);
    const rows = [];
    for (const series of this.#series.values()) {
      for (const at of series.values.keys()) if (at < first) series.values.delete(at);
      if (series.values.size === 0) continue;
      rows.push({ ...series, values: times.map((at) => series.values.get(at) ?? null) });
    }
    rows.sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }));
    return { times, rows };
  }
}

/** What tells one series of an answer from another. */
export function keyOf(series) {
  const labels = Object.keys(series.labels).sort().map((name) => name + "=" + series.labels[name]);
  return labels.join(",") + (series.provenance === "exact" ? "" : " (" + series.provenance + ")");
}

/** The rows with the highest peaks, in their order, and how many are left out: a chart of a hundred lines shows none. */
export function highest(rows, most = 12) {
  const peak = (row) => row.values.reduce((top, value) => Math.max(top, value ?? -Infinity), -Infinity);
  const kept = new Set([...rows].sort((a, b) => peak(b) - peak(a)).slice(0, most));
  return { rows: rows.filter((row) => kept.has(row)), left: rows.length - kept.size };
}

/** Lowest, mean and highest over the rows at each time; null where none has a value. */
export function band(rows, length) {
  const low = [], middle = [], high = [];
  for (let i = 0; i < length; i++) {
    const values = rows.map((row) => row.values[i]).filter((value) => value !== null);
    low.push(values.length ? Math.min(...values) : null);
    high.push(values.length ? Math.max(...values) : null);
    middle.push(values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);
  }
  return { low, middle, high };
}

/** The sum over the rows at each time; null where none has a value. */
export function total(rows, length) {
  const sums = [];
  for (let i = 0; i < length; i++) {
    const values = rows.map((row) => row.values[i]).filter((value) => value !== null);
    sums.push(values.length ? values.reduce((sum, value) => sum + value, 0) : null);
  }
  return sums;
}
