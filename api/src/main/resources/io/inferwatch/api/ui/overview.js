import { get } from "./api.js";
import { el } from "./dom.js";
import { AlertLanes } from "./lanes.js";
import { Columns, band, highest, total } from "./columns.js";
import { duration, words } from "./format.js";
import { Plot } from "./plot.js";
import { bounds, stepOf } from "./range.js";
import { firstSteps } from "./setup.js";

/** The correlation stack: what users feel, above what may explain it, on one time axis with one cursor. */

const SYNC = "overview";
const NO_SERVER = "no server's own metrics are read; servers[].scrape in inferwatch.yml names its metrics page";

/** name, one sentence for the empty state, the queries, and how their columns become lines. */
const PANELS = [
  { title: "TTFT p99", unit: "ms", height: 150, empty: "no successful request in this time",
    queries: [{ path: "percentiles", parameters: { metric: "llm.ttft", p: "99", by: "model" }, pick: (window) => window.percentiles.p99 }],
    lines: ([ttft]) => named(ttft) },
  { title: "SM utilisation", unit: "%", y: [0, 100], empty: "no GPU has been read",
    queries: [{ path: "windows", parameters: { metric: "gpu.sm.utilization", agg: "avg", by: "gpu" }, pick: (window) => window.value }],
    lines: ([sm]) => bandLines(sm) },
  { title: "KV cache in use", unit: "ratio", y: [0, 1], empty: NO_SERVER,
    queries: [{ path: "windows", parameters: { metric: "llm.kv_cache.usage", agg: "avg", by: "server" }, pick: (window) => window.value }],
    lines: ([kv]) => named(kv) },
  { title: "Requests waiting", unit: "count", empty: NO_SERVER,
    queries: [{ path: "windows", parameters: { metric: "llm.waiting", agg: "avg", by: "server" }, pick: (window) => window.value }],
    lines: ([waiting]) => named(waiting) },
  { title: "Power, all GPUs", unit: "W", empty: "no GPU has been read",
    queries: [
      { path: "windows", parameters: { metric: "gpu.power", agg: "avg" }, pick: (window) => window.value },
      { path: "windows", parameters: { metric: "gpu.power.limit", agg: "avg" }, pick: (window) => window.value }],
    lines: ([power, limit]) => [
      { label: "drawn", values: total(power.rows, power.times.length), color: "series-1" },
      { label: "limit", values: total(limit.rows, limit.times.length), color: "muted", dash: [4, 4] }] },
  { title: "Time throttled", unit: "s", isSum: true, height: 90, empty: "no GPU has been read",
    queries: [{ path: "windows", parameters: { metric: "gpu.throttle", agg: "sum", by: "reason" }, pick: (window) => window.value }],
    lines: ([throttle]) => throttled(throttle) },
];

function nameOf(row) {
  const name = Object.values(row.labels).join(" ") || "all";
  return row.provenance === "bucketed" ? name + " (from buckets)" : name;
}

/** A line each, of those with the highest peaks; `left` says how many are not shown. */
function named(table) {
  const { rows, left } = highest(table.rows);
  const lines = rows.map((row) => ({ label: nameOf(row), values: row.values }));
  return Object.assign(lines, { left });
}

/** The spread of the GPUs and their mean. What GPM measures and what NVML estimates are never one line. */
function bandLines({ times, rows }) {
  const sources = [...new Set(rows.map((row) => row.labels.source ?? ""))].sort();
  const lines = sources.flatMap((source, i) => {
    const own = rows.filter((row) => (row.labels.source ?? "") === source);
    const { low, middle, high } = band(own, times.length);
    const of = own.length + " GPUs" + (source ? " by " + source.toUpperCase() : "");
    const color = "series-" + (i + 1);
    return [
      { label: "highest of " + of, values: high, width: 0.75, color, quiet: true, fillTo: 3 * i + 1 },
      { label: "lowest of " + of, values: low, width: 0.75, color, quiet: true },
      { label: "mean of " + of, values: middle, width: 2, color },
    ];
  });
  return lines.length > 0 ? lines : [{ label: "mean", values: times.map(() => null), color: "series-1" }];
}

/** Reasons that never held in this time are left out; the first stays, so that "none" is seen as a line at zero. */
function throttled({ rows }) {
  const held = rows.filter((row) => row.values.some((value) => value > 0));
  return (held.length > 0 ? held : rows.slice(0, 1)).map((row) => ({
    label: held.length > 0 ? words(nameOf(row)) : "none", values: row.values }));
}

class Panel {
  constructor(definition, context, marks) {
    this.definition = definition;
    this.step = stepOf(context.range);
    this.range = context.range;
    this.columns = definition.queries.map(() => new Columns(this.step.seconds));
    const title = definition.title + (definition.isSum ? " in each " + duration(1000 * this.step.seconds) : "");
    this.plot = new Plot({ ...definition, title, isLast: false, sync: SYNC, marks });
  }

  /** Reads the whole time first, then only what may have changed. */
  async read(from) {
    await Promise.all(this.definition.queries.map(async ({ path, parameters, pick }, i) => {
      const answer = await get("/api/v1/" + path, { ...parameters, from, step: this.step.text });
      this.columns[i].merge(answer, pick);
    }));
  }

  get oldest() {
    return this.columns.map((one) => one.oldest).filter((time) => time !== null);
  }

  draw([start, end]) {
    const tables = this.columns.map((one) => one.table(start, end, this.definition.isSum));
    this.plot.draw(tables[0].times, this.definition.lines(tables), [start, end]);
  }
}

export const overview = {
  title: "Overview",
  hasRange: true,
  async mount(root, context) {
    const { range, signal, live } = context;
    let marks = [];
    const welcome = el("div", {});
    const panels = PANELS.map((definition) => new Panel(definition, context, () => marks));
    const lanes = new AlertLanes({ sync: SYNC, range, marks: () => marks });
    root.append(welcome, el("div", { class: "stack panel" }, panels.map((panel) => panel.plot.element), lanes.element));
    signal.addEventListener("abort", () => {
      panels.forEach((panel) => panel.plot.destroy());
      lanes.destroy();
    });
    const readMarks = async () => {
      marks = (await get("/api/v1/events", { from: "-" + range })).events;
    };
    const read = async (from) => {
      await readMarks();
      await Promise.all([...panels.map((panel) => panel.read(from)), lanes.read()]);
      if (!signal.aborted) draw();
    };
    const draw = () => {
      const starts = panels.flatMap((panel) => panel.oldest);
      const shown = bounds(range, starts.length === 0 ? null : Math.min(...starts));
      panels.forEach((panel) => panel.draw(shown));
      lanes.draw(shown);
    };
    await firstSteps(welcome);
    await read("-" + range);
    const tail = "-" + Math.max(30, 3 * stepOf(range).seconds) + "s";
    live.on("window", (window) => {
      if (welcome.childElementCount > 0) firstSteps(welcome).catch(context.fail);
      if (!window.open) read(tail).catch(context.fail);
    }, signal);
    live.on("alert", () => lanes.read().then(draw).catch(context.fail), signal);
    live.on("mark", (mark) => marks.push(mark), signal);
  },
};
