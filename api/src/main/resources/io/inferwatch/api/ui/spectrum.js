import { get } from "./api.js";
import { absence, el, fill, refill, scrolling, table } from "./dom.js";
import { count, point, quantity } from "./format.js";
import { color, onThemeChange } from "./theme.js";

const { uPlot } = window;

/** Ranks evenly spread over log(1 / (1 - p)): each tick to the right has ten times fewer requests beyond it. */
const RANKS = ["0", "10", "20", "30", "40", "50", "60", "70", "80", "85", "90", "92.5", "95", "96", "97", "98", "99", "99.25", "99.5", "99.6",
  "99.7", "99.8", "99.9", "99.925", "99.95", "99.97", "99.98", "99.99", "99.995", "99.999"];
const TICKS = [0, 90, 99, 99.9, 99.99, 99.999];
const TOLD = ["50", "90", "95", "99", "99.9", "99.99"];

function place(rank) {
  return Math.log10(100 / (100 - rank));
}

/** The whole distribution of two stretches of time, laid over each other. */
export class Spectrum {
  #holder = el("div", { class: "plot-canvas", "aria-hidden": "true" });
  #table = el("div", {});
  #chart = null;
  #curves = [];
  #unit = "ms";
  #cleanUp = [];

  constructor() {
    this.element = el("div", { class: "spectrum" }, this.#holder, this.#table);
    const watch = new ResizeObserver(() => this.#chart && this.#chart.setSize({ width: this.#holder.clientWidth, height: 260 }));
    watch.observe(this.#holder);
    this.#cleanUp.push(() => watch.disconnect(), onThemeChange(() => this.#draw()));
  }

  /** @param windows {label, from, to} the second one dashed */
  async read(parameters, windows) {
    const answers = await Promise.all(windows.map((one) =>
      get("/api/v1/percentiles", { ...parameters, p: RANKS.join(","), from: one.from, to: one.to })));
    this.#unit = answers[0].unit;
    this.#curves = answers.map((answer, i) => ({ label: windows[i].label, series: answer.series[0] ?? null }));
    this.#draw();
  }

  #draw() {
    this.#chart?.destroy();
    this.#chart = null;
    const there = this.#curves.filter((curve) => curve.series !== null);
    if (there.length === 0) {
      fill(this.#holder, absence("no data", "no request in either stretch of time"));
      fill(this.#table);
      return;
    }
    fill(this.#holder);
    const axis = { stroke: color("muted"), grid: { stroke: color("grid"), width: 1 }, ticks: { show: false }, font: "11px " + getComputedStyle(document.body).fontFamily };
    // Past the last request a curve would be flat: it says nothing there.
    const isReached = (curve, rank) => curve.series !== null && (100 - rank) * curve.series.count >= 100;
    const values = (curve) => RANKS.map((rank) => (isReached(curve, rank) ? point(curve.series.percentiles["p" + rank]) : null));
    // Further right there is nobody left.
    const last = RANKS.findLast((rank) => there.some((curve) => isReached(curve, rank))) ?? RANKS[0];
    const end = Math.max(2, Math.ceil(place(last) - 1e-9));
    const isNarrow = this.#holder.clientWidth / end < 70;
    const ticks = TICKS.filter((tick, i) => place(tick) <= end + 1e-9 && (!isNarrow || i % 2 === 0));
    this.#chart = new uPlot({
      width: Math.max(200, this.#holder.clientWidth), height: 260, legend: { show: false }, padding: [8, 30, 0, 0], cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false, range: () => [0, end] }, y: { distr: 3 } },
      axes: [{ ...axis, size: 28, splits: () => ticks.map(place), values: () => ticks.map((tick) => "p" + tick) },
        { ...axis, size: 64, values: (u, ticks) => ticks.map((tick) => (tick === null ? "" : quantity(tick, this.#unit))) }],
      series: [{}, ...this.#curves.map((curve, i) => ({ label: curve.label, stroke: color("series-" + (i + 1)), width: 2, dash: i === 0 ? undefined : [6, 4], points: { show: false } }))],
    }, [RANKS.map((rank) => place(Number(rank))), ...this.#curves.map(values)], this.#holder);
    this.#writeTable();
  }

  #writeTable() {
    refill(this.#table, scrolling(table("Percentiles of both", ["", "requests", ...TOLD.map((rank) => "p" + rank), "highest"], this.#curves.map((curve, i) => [
      el("th", { scope: "row" }, el("span", { class: "swatch" + (i > 0 ? " dashed" : ""), style: { "--c": color("series-" + (i + 1)) } }), curve.label),
      ...(curve.series === null ? ["no data", ...TOLD.map(() => ""), ""]
        : [count(curve.series.count), ...TOLD.map((rank) => quantity(curve.series.percentiles["p" + rank] ?? null, this.#unit)), quantity(curve.series.max, this.#unit)])])), "Percentiles of both"));
  }

  destroy() {
    this.#chart?.destroy();
    this.#cleanUp.forEach((clean) => clean());
  }
}

/** The ranks that the table tells must be asked for too. */
for (const rank of TOLD) if (!RANKS.includes(rank)) throw new Error("p" + rank + " is told and not asked for");
