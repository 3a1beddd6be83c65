import { el, fill } from "./dom.js";
import { count, moment, quantity } from "./format.js";
import { color, isDark, onThemeChange } from "./theme.js";

/**
 * Counts by time and value as an image: a cell is a pixel of an ImageData that the canvas scales up, so that a day is
 * drawn in milliseconds. Colour follows log(1 + count); percentiles lie over it.
 */

const LEFT = 64, BOTTOM = 24, TOP = 8, RIGHT = 8;

/** Five stops of viridis (dark to light), which print and colour-blind eyes can order. */
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function shade(share, reverse) {
  const at = (reverse ? 1 - share : share) * (VIRIDIS.length - 1);
  const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return VIRIDIS[low].map((from, i) => Math.round(from + (VIRIDIS[low + 1][i] - from) * (at - low)));
}

export class Heatmap {
  #canvas = el("canvas", { class: "heatmap", tabindex: "0", role: "img" });
  #spoken = el("p", { class: "readout muted small", "aria-live": "polite" });
  #image = document.createElement("canvas");
  #data = null;
  #at = null;
  #onPick;
  #cleanUp = [];

  /** @param onPick({from, to}) the stretch of time of a column somebody chose by click or Enter */
  constructor(onPick) {
    this.#onPick = onPick;
    this.element = el("div", { class: "heatmap-holder" }, this.#canvas, this.#spoken);
    this.#canvas.addEventListener("mousemove", (event) => this.#point(this.#columnAt(event.offsetX)));
    this.#canvas.addEventListener("mouseleave", () => this.#point(null));
    this.#canvas.addEventListener("click", (event) => this.#pick(this.#columnAt(event.offsetX)));
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
        + ". Left and right move over time, Enter shows the slowest requests there.");
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
    const steps = Math.min(7, bounds.length - 1);
    for (let i = 0; i <= steps; i++) {
      const row = Math.round((i * (bounds.length - 1)) / steps);
      ctx.fillText(quantity(bounds[row], unit), plot.x - 6, Math.min(plot.y + plot.height - 5, Math.max(plot.y + 5, plot.y + plot.height * (1 - row / (bounds.length - 1)))));
    }
  }

  #paintTimes(ctx, plot) {
    const { from, to } = this.#data;
    this.#font(ctx);
    ctx.textBaseline = "top";
    const ticks = Math.max(2, Math.floor(plot.width / 140));
    for (let i = 0; i <= ticks; i++) {
      ctx.textAlign = i === 0 ? "left" : i === ticks ? "right" : "center";
      ctx.fillText(moment((from + ((to - from) * i) / ticks) * 1000), plot.x + (plot.width * i) / ticks, plot.y + plot.height + 7);
    }
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
    ctx.strokeRect(plot.x + (plot.width * (this.#at - from)) / (to - from), plot.y, Math.max(2, (plot.width * stepSeconds) / (to - from)), plot.height);
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

  #point(at) {
    if (at === this.#at) return;
    this.#at = at;
    fill(this.#spoken, at === null ? "" : this.#told(at));
    this.#paint();
  }

  #told(at) {
    const { columns, lines, unit, stepSeconds } = this.#data;
    const column = columns.find((one) => Math.abs(one.from - at) < stepSeconds / 2);
    const requests = column ? column.counts.reduce((sum, n) => sum + n, 0) : 0;
    return moment(at * 1000) + ": " + (requests === 0 ? "no request" : count(requests) + " requests, "
      + lines.map((line) => line.label + " " + quantity(line.values.get(at) ?? null, unit)).join(", "));
  }

  #pick(at) {
    if (at !== null && this.#data !== null) this.#onPick({ from: at, to: at + this.#data.stepSeconds });
  }

  #onKey(event) {
    if (this.#data === null || !["ArrowLeft", "ArrowRight", "Enter"].includes(event.key)) return;
    event.preventDefault();
    const { from, to, stepSeconds } = this.#data;
    if (event.key === "Enter") return this.#pick(this.#at);
    const next = (this.#at ?? to) + (event.key === "ArrowLeft" ? -stepSeconds : stepSeconds);
    return this.#point(Math.min(to - stepSeconds, Math.max(from, next)));
  }

  destroy() {
    this.#cleanUp.forEach((clean) => clean());
  }
}
