import { el, fill, refill, button } from "./dom.js";
import { moment, quantity } from "./format.js";
import { color, onThemeChange, seriesColor } from "./theme.js";

const { uPlot } = window;

/**
 * One chart on the time axis. Charts of one sync group share their cursor. What a canvas hides from those who cannot see
 * it stands beside it: a sentence, the values under the cursor (arrow keys move it), and the whole as a table.
 */
export class Plot {
  #options;
  #holder = el("div", { class: "plot-canvas" });
  #legend = el("div", { class: "legend" });
  #summary = el("span", { class: "unseen" });
  #spoken = el("span", { class: "unseen", "aria-live": "polite" });
  #table = el("div", { class: "scrolling", tabindex: "0" });
  #details;
  #chart = null;
  #series = [];
  #data = [[]];
  #hidden = new Set();
  #bounds = [0, 1];
  #cleanUp = [];

  /** @param options title, unit, empty (what to say without data), height, sync, isLast, marks, y (fixed [low, high]) */
  constructor(options) {
    this.#options = { height: 120, isLast: true, marks: () => [], ...options };
    const { title } = this.#options;
    this.#details = el("details", { on: { toggle: () => this.#writeTable() } },
      el("summary", {}, "as a table"), this.#table);
    this.#table.setAttribute("role", "region");
    this.#table.setAttribute("aria-label", title + " as a table");
    this.#holder.setAttribute("tabindex", "0");
    this.#holder.setAttribute("role", "group");
    this.#holder.setAttribute("aria-label", "Chart: " + title + ". Left and right move the cursor.");
    this.#holder.addEventListener("keydown", (event) => this.#onKey(event));
    this.element = el("section", { class: "plot" },
      el("header", {}, el("h2", {}, title), this.#legend),
      this.#summary, this.#spoken, this.#holder, this.#details);
    const watch = new ResizeObserver(() => this.#resize());
    watch.observe(this.#holder);
    this.#cleanUp.push(() => watch.disconnect(), onThemeChange(() => this.#rebuild()));
  }

  /**
   * Draws. @param times epoch seconds
   * @param series {label, values, color?, dash?, width?, fillTo?: index of another series, quiet?: not in the legend};
   *     the array may say in `left` how many are not among them
   */
  draw(times, series, bounds) {
    this.#bounds = bounds;
    this.#data = [times, ...series.map((one) => one.values)];
    const isSame = series.length === this.#series.length && series.every((one, i) => one.label === this.#series[i].label);
    this.#series = series;
    const isEmpty = series.every((one) => one.values.every((value) => value === null));
    this.element.classList.toggle("is-empty", isEmpty);
    if (isEmpty) {
      this.#drop();
      fill(this.#legend);
      fill(this.#holder, el("div", { class: "absence" }, el("strong", {}, "no data"), el("span", { class: "muted" }, this.#options.empty ?? "")));
    } else if (isSame && this.#chart) {
      this.#chart.setData(this.#data, false);
      this.#chart.setScale("x", { min: bounds[0], max: bounds[1] });
      // The values under a cursor that rests there stay in sight.
      this.#writeLegend(this.#chart.cursor.idx ?? null);
    } else {
      this.#rebuild();
    }
    this.#summarise();
    if (this.#details.open) this.#writeTable();
  }

  #rebuild() {
    if (this.element.classList.contains("is-empty") || this.#series.length === 0) return;
    this.#drop();
    fill(this.#holder);
    this.#chart = new uPlot(this.#chartOptions(), this.#data, this.#holder);
    this.#writeLegend(null);
  }

  #chartOptions() {
    const { height, sync, unit, isLast, y, log } = this.#options;
    const axis = { stroke: color("muted"), grid: { stroke: color("grid"), width: 1 }, ticks: { show: false },
      font: "11px " + getComputedStyle(document.body).fontFamily };
    return {
      width: Math.max(200, this.#holder.clientWidth), height, padding: [8, 28, isLast ? 0 : 4, 0],
      legend: { show: false },
      cursor: { sync: sync ? { key: sync, setSeries: false } : undefined, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true, range: () => this.#bounds },
        y: { distr: log ? 3 : 1, range: y ? () => y : (u, low, high) => paddedRange(low, high, log) },
      },
      axes: [
        { ...axis, size: isLast ? 28 : 6, values: isLast ? timeTicks : () => [], space: 70 },
        { ...axis, size: 64, space: 26, values: (u, ticks) => ticks.map((tick) => (tick === null ? "" : quantity(tick, unit))) },
      ],
      series: [{}, ...this.#series.map((one, i) => ({
        label: one.label, stroke: one.color ? color(one.color) : seriesColor(i), width: one.width ?? 1.5,
        dash: one.dash ?? (i >= 8 ? [6, 3] : undefined), spanGaps: false, show: !this.#hidden.has(one.label),
        points: { show: true, size: 5, filter: lonely },
      }))],
      bands: this.#series.flatMap((one, i) => (one.fillTo === undefined ? [] : [{ series: [i + 1, one.fillTo + 1], fill: color("band") }])),
      hooks: { setCursor: [(u) => this.#writeLegend(u.cursor.idx)], draw: [(u) => this.#drawMarks(u)] },
    };
  }

  /** Deploys and what else happened, as dashed lines through every chart. */
  #drawMarks(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = color("mark");
    ctx.setLineDash([4, 4]);
    for (const mark of this.#options.marks()) {
      const x = u.valToPos(Date.parse(mark.time) / 1000, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  /** The legend is also the switch of each series and shows the values at the cursor, else the newest. */
  #writeLegend(index) {
    const at = index ?? this.#data[0].length - 1;
    const time = this.#data[0][at];
    refill(this.#legend,
      this.#series.map((one, i) => (one.quiet ? null : button(
        [el("span", { class: "swatch" + (one.dash ? " dashed" : ""), style: { "--c": one.color ? color(one.color) : seriesColor(i) } }),
          el("span", { class: "name" }, one.label), el("span", { class: "value" }, quantity(valueAt(one.values, at, index === null), this.#options.unit))],
        () => this.#toggle(one.label), { "aria-pressed": String(!this.#hidden.has(one.label)), class: "legend-item", "data-key": one.label }))),
      this.#series.left > 0 ? el("span", { class: "muted small" }, "and " + this.#series.left + " lower ones") : null,
      index === null || time === undefined ? null : el("span", { class: "muted small" }, moment(time * 1000)));
  }

  #toggle(label) {
    if (!this.#hidden.delete(label)) this.#hidden.add(label);
    const at = this.#series.findIndex((one) => one.label === label);
    this.#chart?.setSeries(at + 1, { show: !this.#hidden.has(label) });
    this.#writeLegend(null);
  }

  #onKey(event) {
    if (!this.#chart || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const last = this.#data[0].length - 1;
    const now = this.#chart.cursor.idx ?? last;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    const at = Math.min(last, Math.max(0, next));
    // The last two: tell our hook, and the other charts of the group.
    this.#chart.setCursor({ left: this.#chart.valToPos(this.#data[0][at], "x"), top: 10 }, true, true);
    fill(this.#spoken, moment(this.#data[0][at] * 1000) + ": " + this.#told(at));
  }

  #told(at) {
    return this.#series.filter((one) => !one.quiet)
      .map((one) => one.label + " " + quantity(one.values[at] ?? null, this.#options.unit)).join(", ");
  }

  #summarise() {
    const last = this.#data[0].length - 1;
    fill(this.#summary, this.#chart ? this.#options.title + ", newest: " + this.#series.filter((one) => !one.quiet)
      .map((one) => one.label + " " + quantity(valueAt(one.values, last, true), this.#options.unit)).join(", ") : "no data");
  }

  #writeTable() {
    const shown = this.#series.filter((one) => !one.quiet);
    const rows = this.#data[0].map((time, i) => [moment(time * 1000), ...shown.map((one) => quantity(one.values[i] ?? null, this.#options.unit))]);
    fill(this.#table, el("table", { class: "slim" },
      el("caption", { class: "unseen" }, this.#options.title),
      el("thead", {}, el("tr", {}, ["time", ...shown.map((one) => one.label)].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, rows.reverse().slice(0, 400).map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, cell)))))));
  }

  #resize() {
    if (this.#chart && this.#holder.clientWidth > 0) {
      this.#chart.setSize({ width: this.#holder.clientWidth, height: this.#options.height });
    }
  }

  #drop() {
    this.#chart?.destroy();
    this.#chart = null;
  }

  destroy() {
    this.#drop();
    this.#cleanUp.forEach((clean) => clean());
  }
}

/** A value between two gaps makes no line: those are drawn as points. */
function lonely(u, series) {
  const values = u.data[series];
  const isGap = (value) => value === null || value === undefined;
  return values.flatMap((value, i) => (!isGap(value) && isGap(values[i - 1]) && isGap(values[i + 1]) ? [i] : []));
}

/** The value at a place; for the newest, the last one there is within the last three windows. */
function valueAt(values, at, isNewest) {
  if (!isNewest) return values[at] ?? null;
  for (let i = at; i >= Math.max(0, at - 2); i--) if (values[i] !== null && values[i] !== undefined) return values[i];
  return null;
}

function paddedRange(low, high, log) {
  if (low === null || high === null) return [0, 1];
  if (log) return [low * 0.9, high * 1.1];
  return [Math.min(0, low), high <= 0 ? 1 : high * 1.08];
}

const HOUR_AND_MINUTE = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const WITH_SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function timeTicks(u, ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 60;
  const span = ticks.length > 1 ? ticks.at(-1) - ticks[0] : 0;
  const form = span > 86_400 ? DAY : step < 60 ? WITH_SECONDS : HOUR_AND_MINUTE;
  return ticks.map((tick) => form.format(new Date(tick * 1000)));
}
