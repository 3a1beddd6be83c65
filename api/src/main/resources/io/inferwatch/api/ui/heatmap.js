import { el, fill } from "./dom.js";
import { count, moment, quantity } from "./format.js";
import { timeTicks } from "./plot.js";
import { color, isDark, onThemeChange } from "./theme.js";

/**
 * Counts by time and value as an image: a cell is a pixel of an ImageData that the canvas scales up, so that a day is
 * drawn in milliseconds. Colour follows log(1 + count); percentiles lie over it.
 */

const LEFT = 64, BOTTOM = 24, TOP = 8, RIGHT = 8;

/** Steps between times on the axis that people count in, in seconds. */
const TIME_STEPS = [10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const VALUE_MARKS = [1, 2, 5];
const HINT = "Click a cell for its slowest requests; with the keyboard, arrows and Enter.";

/** Five stops of viridis (dark to light), which print and colour-blind eyes can order. */
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function shade(share, reverse) {
  const at = (reverse ? 1 - share : share) * (VIRIDIS.length - 1);
  const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return VIRIDIS[low].map((from, i) => Math.round(from + (VIRIDIS[low + 1][i] - from) * (at - low)));
}

export class Heatmap {
  #canvas = el("canvas", { class: "heatmap", tabindex: "0", role: "img" });
  #spoken = el("p", { class: "readout muted small", "aria-live": "polite" }, HINT);
  #image = document.createElement("canvas");
  #data = null;
  #at = null;
  #row = null;
  #onPick;
  #cleanUp = [];

  /** @param onPick({from, to, low, high}) the time and the values of a cell somebody chose by click or Enter; low and high null: all */
  constructor(onPick) {
    this.#onPick = onPick;
    this.element = el("div", { class: "heatmap-holder" }, this.#canvas, this.#spoken);
    this.#canvas.addEventListener("mousemove", (event) => this.#point(this.#columnAt(event.offsetX), this.#rowAt(event.offsetY)));
    this.#canvas.addEventListener("mouseleave", () => this.#point(null, null));
    this.#canvas.addEventListener("click", (event) => this.#pick(this.#columnAt(event.offsetX), this.#rowAt(event.offsetY)));
    this.#canvas.addEventListener("keydown", (event) => this.#onKey(event));
    const watch = new ResizeObserver(() => this.#paint());
    watch.observe(this.element);
    this.#cleanUp.push(() => watch.disconnect(), onThemeChange(() => this.#colour()));
  }

  /**
   * @param bounds edges of the value buckets, rising
   * @param columns {from (epoch seconds), counts}
   * @param lines {label, colour, values by epoch seconds (Map)}
   */
  draw({ bounds, columns, lines, unit, stepSeconds, from, to, title }) {
    this.#data = { bounds, columns, lines, unit, stepSeconds, from, to, title };
    this.#canvas.setAttribute("aria-label", columns.length === 0 ? title + ": no data"
      : title + ", requests by time and value, from " + quantity(bounds[0], unit) + " to " + quantity(bounds.at(-1), unit)
        + ". Left and right move over time, up and down over the values, Enter shows the slowest requests of that cell.");
    this.#colour();
  }

  #colour() {
    if (this.#data === null) return;
    const { bounds, columns, stepSeconds, from, to } = this.#data;
    const width = Math.max(1, Math.round((to - from) / stepSeconds));
    const height = Math.max(1, bounds.length - 1);
    this.#image.width = width;
    this.#image.height = height;
    const pixels = this.#image.getContext("2d").createImageData(width, height);
    const most = Math.log1p(columns.reduce((top, column) => column.counts.reduce((a, b) => Math.max(a, b), top), 0)) || 1;
    const shades = Array.from({ length: 256 }, (_, i) => shade(i / 255, !isDark()));
    for (const column of columns) {
      const x = Math.round((column.from - from) / stepSeconds);
      if (x < 0 || x >= width) continue;
      column.counts.forEach((n, row) => {
        if (n === 0 || row >= height) return;
        const at = 4 * ((height - 1 - row) * width + x);
        const [r, g, b] = shades[Math.round((255 * Math.log1p(n)) / most)];
        pixels.data.set([r, g, b, 255], at);
      });
    }
    this.#image.getContext("2d").putImageData(pixels, 0, 0);
    this.#paint();
  }

  #paint() {
    if (this.#data === null || this.element.clientWidth === 0) return;
    const ratio = devicePixelRatio || 1;
    const width = this.element.clientWidth, height = 320;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
      this.#canvas.style.setProperty("height", height + "px");
    }
    const ctx = this.#canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    const plot = { x: LEFT, y: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
    ctx.fillStyle = color("plot");
    ctx.fillRect(plot.x, plot.y, plot.width, plot.height);
    ctx.imageSmoothingEnabled = false;
    if (this.#data.columns.length > 0) {
      ctx.drawImage(this.#image, plot.x, plot.y, plot.width, plot.height);
      this.#paintValues(ctx, plot);
      this.#paintLines(ctx, plot);
    }
    this.#paintTimes(ctx, plot);
    this.#paintCursor(ctx, plot);
  }

  /** The height of a value: rows are as high as one another, so it is looked up among the bounds. */
  #heightOf(value, plot) {
    const { bounds } = this.#data;
    if (value <= bounds[0]) return plot.y + plot.height;
    let row = bounds.findIndex((bound) => bound >= value);
    if (row < 0) return plot.y;
    const share = row - 1 + (value - bounds[row - 1]) / (bounds[row] - bounds[row - 1]);
    return plot.y + plot.height * (1 - share / (bounds.length - 1));
  }

  #paintValues(ctx, plot) {
    const { bounds, unit } = this.#data;
    this.#font(ctx);
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    let below = Infinity;
    for (const value of roundValues(bounds[0], bounds.at(-1))) {
      const y = this.#heightOf(value, plot);
      if (below - y < 24) continue;
      ctx.fillText(quantity(value, unit), plot.x - 6, Math.min(plot.y + plot.height - 5, Math.max(plot.y + 5, y)));
      below = y;
    }
  }

  #paintTimes(ctx, plot) {
    const { from, to } = this.#data;
    this.#font(ctx);
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    const ticks = roundTimes(from, to, plot.width / 90);
    timeTicks(null, ticks).forEach((text, i) => {
      const x = plot.x + (plot.width * (ticks[i] - from)) / (to - from);
      const half = ctx.measureText(text).width / 2;
      ctx.fillText(text, Math.max(half, Math.min(x, plot.x + plot.width + RIGHT - half)), plot.y + plot.height + 7);
    });
  }

  #paintLines(ctx, plot) {
    const { lines, from, to, stepSeconds } = this.#data;
    for (const line of lines) {
      // A dark edge under the line keeps it apart from every shade beneath.
      for (const [style, width] of [[color("halo"), 4], [color(line.colour), 2]]) {
        ctx.strokeStyle = style;
        ctx.lineWidth = width;
        ctx.setLineDash(line.dash ?? []);
        ctx.beginPath();
        let before = null;
        for (const [at, value] of [...line.values].sort(([a], [b]) => a - b)) {
          if (value === null || at < from || at > to) continue;
          const x = plot.x + (plot.width * (at + stepSeconds / 2 - from)) / (to - from);
          const y = this.#heightOf(value, plot);
          if (before === null || at - before > stepSeconds * 1.5) ctx.moveTo(x, y);
          else ctx.lineTo(x, y);
          before = at;
        }
        ctx.stroke();
      }
    }
    ctx.setLineDash([]);
  }

  #paintCursor(ctx, plot) {
    if (this.#at === null) return;
    const { from, to, stepSeconds } = this.#data;
    ctx.strokeStyle = color("text");
    ctx.lineWidth = 1;
    const x = plot.x + (plot.width * (this.#at - from)) / (to - from), width = Math.max(2, (plot.width * stepSeconds) / (to - from));
    ctx.strokeRect(x, plot.y, width, plot.height);
    if (this.#row === null) return;
    const height = plot.height / (this.#data.bounds.length - 1);
    ctx.lineWidth = 3;
    ctx.strokeRect(x, plot.y + plot.height - (this.#row + 1) * height, width, height);
  }

  #font(ctx) {
    ctx.font = "11px " + getComputedStyle(document.body).fontFamily;
    ctx.fillStyle = color("muted");
  }

  /** The start of the column at a place, in epoch seconds. */
  #columnAt(x) {
    if (this.#data === null) return null;
    const { from, to, stepSeconds } = this.#data;
    const share = (x - LEFT) / (this.element.clientWidth - LEFT - RIGHT);
    return share < 0 || share >= 1 ? null : from + Math.floor((share * (to - from)) / stepSeconds) * stepSeconds;
  }

  /** The bucket of values at a height. */
  #rowAt(y) {
    if (this.#data === null) return null;
    const rows = this.#data.bounds.length - 1;
    const share = 1 - (y - TOP) / (this.#canvas.clientHeight - TOP - BOTTOM);
    return share < 0 || share >= 1 ? null : Math.floor(share * rows);
  }

  #point(at, row) {
    if (at === this.#at && row === this.#row) return;
    this.#at = at;
    this.#row = row;
    fill(this.#spoken, at === null ? HINT : this.#told());
    this.#paint();
  }

  #countsAt(at) {
    const { columns, stepSeconds } = this.#data;
    return columns.find((one) => Math.abs(one.from - at) < stepSeconds / 2)?.counts ?? [];
  }

  #told() {
    const { bounds, lines, unit } = this.#data;
    const counts = this.#countsAt(this.#at);
    const requests = counts.reduce((sum, n) => sum + n, 0);
    const column = requests === 0 ? "no request" : count(requests) + " requests, "
      + lines.map((line) => line.label + " " + quantity(line.values.get(this.#at) ?? null, unit)).join(", ");
    const cell = this.#row === null || requests === 0 ? ""
      : "; " + count(counts[this.#row] ?? 0) + " of " + quantity(bounds[this.#row], unit) + " to " + quantity(bounds[this.#row + 1], unit);
    return moment(this.#at * 1000) + ": " + column + cell;
  }

  /** The lowest row has no lower limit and the highest no upper one: what lies on an edge is in sight too. */
  #pick(at, row) {
    if (at === null || this.#data === null) return;
    const { bounds, stepSeconds } = this.#data;
    this.#onPick({ from: at, to: at + stepSeconds,
      low: row === null || row === 0 ? null : bounds[row],
      high: row === null || row >= bounds.length - 2 ? null : bounds[row + 1] });
  }

  #onKey(event) {
    if (this.#data === null || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter"].includes(event.key)) return;
    event.preventDefault();
    const { from, to, stepSeconds } = this.#data;
    if (event.key === "Enter") return this.#pick(this.#at, this.#row);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") return this.#point(this.#at, this.#nextRow(event.key === "ArrowUp" ? 1 : -1));
    const next = Math.min(to - stepSeconds, Math.max(from, (this.#at ?? to) + (event.key === "ArrowLeft" ? -stepSeconds : stepSeconds)));
    const slowest = this.#countsAt(next).findLastIndex((n) => n > 0);
    return this.#point(next, slowest < 0 ? null : slowest);
  }

  /** The next cell up or down that holds requests. */
  #nextRow(step) {
    const counts = this.#at === null ? [] : this.#countsAt(this.#at);
    let row = this.#row;
    if (row === null) return row;
    do row += step; while (row >= 0 && row < counts.length && counts[row] === 0);
    return counts[row] > 0 ? row : this.#row;
  }

  destroy() {
    this.#cleanUp.forEach((clean) => clean());
  }
}

/** 1, 2 and 5 times the powers of ten that lie between two values. */
function roundValues(low, high) {
  const values = [];
  for (let power = 10 ** Math.floor(Math.log10(Math.max(low, 1e-9))); power <= high; power *= 10) {
    values.push(...VALUE_MARKS.map((mark) => mark * power).filter((value) => value >= low && value <= high));
  }
  return values;
}

/** Full minutes, hours and the like of the viewer's time zone, at most so many. */
function roundTimes(from, to, most) {
  const step = TIME_STEPS.find((one) => (to - from) / one <= most) ?? TIME_STEPS.at(-1);
  const zone = -60 * new Date(from * 1000).getTimezoneOffset();
  const times = [];
  for (let at = Math.ceil((from + zone) / step) * step - zone; at <= to; at += step) times.push(at);
  return times;
}
