import { get } from "./api.js";
import { now } from "./clock.js";
import { el, fill } from "./dom.js";
import { duration, moment } from "./format.js";
import { bounds } from "./range.js";
import { timeTicks } from "./plot.js";
import { color, onThemeChange } from "./theme.js";

const { uPlot } = window;
const LANE = 32;
const MOST_LANES = 14;

/** Alerts as bars over time, a lane for each rule and its labels, on the same axis and cursor as the charts above. */
export class AlertLanes {
  #options;
  #holder = el("div", { class: "plot-canvas" });
  #list = el("ul", { class: "unseen" });
  #more = el("p", { class: "muted small" });
  #chart = null;
  #lanes = [];
  #bounds = [0, 1];
  #cleanUp = [];

  /** @param options sync, range, marks, onPick(alert) when a bar is clicked, isTitled */
  constructor(options) {
    this.#options = { marks: () => [], onPick: null, isTitled: true, ...options };
    this.element = el("section", { class: "plot lanes" }, this.#options.isTitled ? el("header", {}, el("h2", {}, "Alerts")) : null, this.#list, this.#holder, this.#more);
    const watch = new ResizeObserver(() => this.#resize());
    watch.observe(this.#holder);
    this.#holder.addEventListener("click", () => this.#pick());
    this.#cleanUp.push(() => watch.disconnect(), onThemeChange(() => this.#rebuild()));
  }

  async read() {
    this.take((await get("/api/v1/alerts", { from: "-" + this.#options.range })).alerts);
  }

  take(alerts) {
    const lanes = new Map();
    for (const alert of alerts) {
      const name = alert.rule + " " + Object.entries(alert.labels).filter(([label]) => !["host", "simulated", "uuid", "server"].includes(label))
        .map(([, value]) => value).join(" ");
      if (!lanes.has(name)) lanes.set(name, []);
      lanes.get(name).push(alert);
    }
    const isOpen = (list) => list.some((alert) => alert.state !== "closed");
    const sorted = [...lanes].sort(([a, first], [b, second]) => Number(isOpen(second)) - Number(isOpen(first)) || a.localeCompare(b));
    this.#lanes = sorted.slice(0, MOST_LANES);
    fill(this.#more, sorted.length > MOST_LANES ? "and " + (sorted.length - MOST_LANES) + " more lanes; the alerts page lists them all" : "");
    fill(this.#list, alerts.map((alert) => el("li", {}, alert.tier + " " + alert.rule + " " + alert.state + " " + alert.summary
      + ", from " + moment(startOf(alert)) + (alert.closed_at ? " for " + duration(Date.parse(alert.closed_at) - Date.parse(startOf(alert))) : ""))));
  }

  /** @param shown from and to, in epoch seconds */
  draw(shown = bounds(this.#options.range)) {
    this.#bounds = shown;
    this.#rebuild();
  }

  #rebuild() {
    this.#chart?.destroy();
    this.#chart = null;
    if (this.#lanes.length === 0) {
      fill(this.#holder, el("div", { class: "absence" }, el("strong", {}, "no alert"), el("span", { class: "muted" }, "nothing fired or was pending in this time")));
      return;
    }
    fill(this.#holder);
    const axis = { stroke: color("muted"), grid: { stroke: color("grid"), width: 1 }, ticks: { show: false },
      font: "11px " + getComputedStyle(document.body).fontFamily };
    const names = this.#lanes.map(([name]) => name);
    this.#chart = new uPlot({
      width: Math.max(200, this.#holder.clientWidth), height: this.#height(), padding: [4, 28, 0, 0], legend: { show: false },
      cursor: { sync: this.#options.sync ? { key: this.#options.sync, setSeries: false } : undefined, drag: { x: false, y: false } },
      scales: { x: { time: true, range: () => this.#bounds }, y: { range: () => [0, names.length] } },
      axes: [{ ...axis, size: 28, values: timeTicks, space: 70 }, { ...axis, size: 64, show: true, grid: { show: false }, splits: () => [], values: () => [] }],
      series: [{}, { stroke: "transparent", points: { show: false } }],
      hooks: { draw: [(u) => this.#drawBars(u)] },
    }, [this.#bounds, [0, 0]], this.#holder);
  }

  #height() {
    return this.#lanes.length * LANE + 36;
  }

  #drawBars(u) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio || 1;
    const lane = bbox.height / this.#lanes.length;
    ctx.save();
    ctx.font = 11 * ratio + "px " + getComputedStyle(document.body).fontFamily;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.#lanes.forEach(([name, alerts], i) => {
      const top = bbox.top + lane * i;
      // The name stands above its bars: neither hides the other.
      ctx.fillStyle = color("text");
      ctx.fillText(name, bbox.left + 2 * ratio, top + lane * 0.27);
      for (const alert of alerts) {
        const [left, right] = this.#ends(u, alert);
        ctx.globalAlpha = alert.state === "pending" ? 0.4 : 0.85;
        ctx.fillStyle = color(String(alert.tier).toLowerCase());
        ctx.fillRect(left, top + lane * 0.48, Math.max(3 * ratio, right - left), lane * 0.44);
        this.#drawTier(ctx, alert.tier, Math.max(left, bbox.left), Math.min(right, bbox.left + bbox.width), top + lane * 0.71, ratio);
      }
      ctx.globalAlpha = 1;
    });
    ctx.restore();
  }

  /** By its letters at the end of the bar: colour alone tells not everybody. */
  #drawTier(ctx, tier, left, right, middle, ratio) {
    if (right - left < 24 * ratio) return;
    ctx.globalAlpha = 1;
    ctx.fillStyle = color("surface");
    ctx.textAlign = "right";
    ctx.fillText(tier, right - 5 * ratio, middle);
    ctx.textAlign = "left";
  }

  #ends(u, alert) {
    const end = alert.closed_at ? Date.parse(alert.closed_at) : now();
    return [u.valToPos(Date.parse(startOf(alert)) / 1000, "x", true), u.valToPos(end / 1000, "x", true)];
  }

  #pick() {
    if (!this.#chart || !this.#options.onPick) return;
    const { left, top } = this.#chart.cursor;
    const lane = this.#lanes[Math.floor(top / (this.#chart.over.clientHeight / this.#lanes.length))];
    const time = this.#chart.posToVal(left, "x") * 1000;
    const hit = lane?.[1].find((alert) => Date.parse(startOf(alert)) - 5000 <= time && time <= (alert.closed_at ? Date.parse(alert.closed_at) + 5000 : Infinity));
    if (hit) this.#options.onPick(hit);
  }

  #resize() {
    if (this.#chart && this.#holder.clientWidth > 0) this.#chart.setSize({ width: this.#holder.clientWidth, height: this.#height() });
  }

  destroy() {
    this.#chart?.destroy();
    this.#cleanUp.forEach((clean) => clean());
  }
}

function startOf(alert) {
  return alert.fired_at ?? alert.since;
}
