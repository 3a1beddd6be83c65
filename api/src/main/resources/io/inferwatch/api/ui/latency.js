import { get, getText } from "./api.js";
import { now } from "./clock.js";
import { absence, button, el, field, fill, labelTags, refill, scrolling, select, table } from "./dom.js";
import { toast } from "./dialogs.js";
import { moment, point, quantity } from "./format.js";
import { Heatmap } from "./heatmap.js";
import { bounds, nameOf, secondsOf } from "./range.js";
import { Spectrum } from "./spectrum.js";

/** The distribution of a latency: as a heatmap over time, as a spectrum of two stretches of time, and its worst requests. */

const METRICS = [["llm.ttft", "TTFT"], ["llm.tpot", "TPOT"], ["llm.latency", "end to end"], ["llm.queue", "queue"],
  ["llm.prefill", "prefill"], ["llm.decode", "decode"], ["llm.content_ttft", "TTFT, reasoning aside"]];
const LINES = [{ label: "p50", colour: "line-p50", dash: [] }, { label: "p99", colour: "line-p99", dash: [7, 4] }];

/** What the newest stretch of time is laid over. */
function comparisons(range, marks) {
  const deploy = marks.filter((mark) => mark.kind === "deploy").at(-1);
  const seconds = secondsOf(range);
  return [["before", "the " + nameOf(range) + " before"], ["yesterday", "the same time yesterday"], ...(deploy ? [["deploy", "before the last deploy"]] : [])]
    .map(([value, text]) => ({ value, text, windows: (newest) => {
      const at = (ms) => Math.round(ms / 1000);
      if (value === "deploy") {
        const cut = Date.parse(deploy.time);
        return [{ label: "since the deploy", from: at(cut), to: at(newest) }, { label: text, from: at(cut - (newest - cut)), to: at(cut) }];
      }
      const back = value === "yesterday" ? 86_400 : seconds;
      return [{ label: "the last " + nameOf(range), from: at(newest) - seconds, to: at(newest) }, { label: text, from: at(newest) - seconds - back, to: at(newest) - back }];
    } }));
}

export const latency = {
  title: "Latency",
  hasRange: true,
  async mount(root, context) {
    const { range, parameters, go, signal, live } = context;
    const metric = METRICS.some(([name]) => name === parameters.get("metric")) ? parameters.get("metric") : "llm.ttft";
    const model = parameters.get("model") ?? "";
    const [series, events] = await Promise.all([get("/api/v1/series", { metric }), get("/api/v1/events", { from: "-7d" })]);
    if (signal.aborted) return;
    const models = [...new Set(series.series.map((one) => one.labels.model).filter(Boolean))].sort();
    const selector = { metric, ...(model ? { where: "model:" + model } : {}) };
    const against = comparisons(range, events.events);
    const chosen = against.find((one) => one.value === parameters.get("against")) ?? against[0];
    const slowest = new Slowest(selector);
    const map = new Heatmap((cell) => slowest.read(cell, true).catch(context.fail));
    const spectrum = new Spectrum();
    signal.addEventListener("abort", () => [map, spectrum].forEach((one) => one.destroy()));
    const legend = el("div", { class: "legend" }, LINES.map((line) => el("span", { class: "legend-item" },
      el("span", { class: "swatch" + (line.dash.length ? " dashed" : ""), style: { "--c": "var(--" + line.colour + ")" } }), line.label)), el("span", { class: "muted small" }, "colour: how many requests"));
    const title = METRICS.find(([name]) => name === metric)[1];
    root.append(
      el("div", { class: "filters" },
        field("metric", select(METRICS, metric, (value) => go({ metric: value }))),
        field("model", select([["", "all models"], ...models.map((one) => [one, one])], model, (value) => go({ model: value })))),
      el("section", { class: "panel" }, el("header", { class: "with-controls" }, el("h2", {}, title + " over time"), legend), map.element),
      el("section", { class: "panel" }, slowest.element),
      el("section", { class: "panel" },
        el("header", { class: "with-controls" }, el("h2", {}, "Spectrum"),
          el("label", { class: "inline" }, "laid over ", select(against.map((one) => [one.value, one.text]), chosen.value, (value) => go({ against: value }))),
          button("Download .hlog", () => download(selector, range).catch((failure) => toast(failure.message, "bad")))),
        spectrum.element));
    const readMap = () => drawMap(map, selector, range, title + (model ? " of " + model : ""));
    const readRest = () => Promise.all([spectrum.read(selector, chosen.windows(now())), slowest.read({ from: "-" + range, to: "now" }, false)]);
    await Promise.all([readMap(), readRest()]);
    let drawnAt = Date.now();
    const restMs = secondsOf(range) <= 3600 ? 9000 : 60_000;
    live.on("window", (window) => {
      if (window.open || Date.now() - drawnAt < restMs) return;
      drawnAt = Date.now();
      readMap().catch(context.fail);
      if (!slowest.isPicked) readRest().catch(context.fail);
    }, signal);
  },
};

async function drawMap(map, selector, range, title) {
  const counts = await get("/api/v1/heatmap", { ...selector, from: "-" + range });
  const lines = counts.step ? await get("/api/v1/percentiles", { ...selector, p: "50,99", from: "-" + range, step: counts.step }) : { series: [] };
  performance.mark("heatmap data");
  const stepSeconds = secondsFrom(counts.step ?? "10s");
  const windows = counts.series[0]?.windows ?? [];
  const to = Date.parse(counts.to) / 1000;
  const first = windows.length > 0 ? Date.parse(windows[0].from) / 1000 : null;
  const from = Math.max(Date.parse(counts.from) / 1000, Math.floor(bounds(range, first, to * 1000)[0] / stepSeconds) * stepSeconds);
  map.draw({
    title, unit: counts.unit, bounds: counts.bounds, stepSeconds, from, to,
    columns: windows.map((window) => ({ from: Date.parse(window.from) / 1000, counts: window.counts })),
    lines: LINES.map((line) => ({ ...line, values: new Map((lines.series[0]?.windows ?? [])
      .map((window) => [Date.parse(window.from) / 1000, point(window.percentiles[line.label])])) })),
  });
  // For `benchmarks/load heatmap`.
  performance.measure("heatmap drawn", "heatmap data");
}

function secondsFrom(text) {
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit], 0) || 10;
}

/** The slowest requests of a stretch of time, or of a cell of the map, with what the GPUs did around each. */
class Slowest {
  isPicked = false;
  #heading = el("h2", { tabindex: "-1" }, "Slowest requests");
  #body = el("div", {});
  #selector;
  #asked = 0;

  constructor(selector) {
    this.#selector = selector;
    this.element = el("div", {}, this.#heading, this.#body);
  }

  /** @param cell {from, to, low, high}: a value from low to below high, in the metric's unit; null or absent: any */
  async read(cell, isPicked) {
    this.isPicked = isPicked;
    const asked = ++this.#asked;
    const iso = (value) => (typeof value === "number" ? new Date(value * 1000).toISOString() : value);
    const over = { ...this.#selector, limit: 10, from: iso(cell.from), to: iso(cell.to) };
    let answer = await get("/api/v1/requests/slowest", { ...over, at_least: asLimit(cell.low), below: asLimit(cell.high) });
    const isForgotten = isPicked && answer.requests.length === 0;
    if (isForgotten) answer = await get("/api/v1/requests/slowest", over);
    // Somebody asked for another stretch of time meanwhile.
    if (asked !== this.#asked) return;
    fill(this.#heading, "Slowest requests" + (isPicked ? " of " + moment(cell.from * 1000) + " to " + moment(cell.to * 1000) + valuesOf(cell, answer.unit) : ""));
    refill(this.#body,
      isForgotten && answer.requests.length > 0 ? absence("none of these is remembered", "each window keeps the ids of its slowest few; here are the slowest of that time") : null,
      answer.requests.length === 0 ? absence("no request is remembered", "each window keeps the ids of its slowest few")
        : scrolling(table("Slowest requests", ["request", "took", "at", "labels", "GPUs meanwhile"], answer.requests.map((one) => [
          el("code", {}, one.request_id), quantity(one.value, answer.unit), moment(one.at), labelTags(one.labels, ["host", "observer", "outcome", "simulated"]), gpusOf(one.gpus)])), "Slowest requests"));
    if (isPicked) this.#heading.focus();
  }
}

/** An edge as the API takes it: a bound such as 41.023999999999994 has more digits than are meant. */
function asLimit(value) {
  return value === null || value === undefined ? null : Number(value.toFixed(9));
}

function valuesOf({ low, high }, unit) {
  if (low === null && high === null) return "";
  if (low === null) return ", below " + quantity(high, unit);
  return ", " + quantity(low, unit) + (high === null ? " and more" : " to " + quantity(high, unit));
}

/** What a glance should see of many GPUs: the words there are, else the spread of their SM activity. */
function gpusOf(gpus) {
  const said = (gpus ?? []).flatMap((gpu) => [gpu.words].flat().filter(Boolean));
  if (said.length > 0) return el("ul", { class: "gpu-words" }, said.slice(0, 3).map((line) => el("li", {}, line)));
  const sm = (gpus ?? []).map((gpu) => gpu.sm_percent).filter((value) => value !== undefined);
  if (sm.length === 0) return el("span", { class: "muted" }, "no data");
  return el("span", { class: "muted" }, "SM " + quantity(Math.min(...sm), "%") + " – " + quantity(Math.max(...sm), "%"));
}

/** As a file for the standard HdrHistogram tools. */
async function download(selector, range) {
  const { text } = await getText("/api/v1/histograms", { ...selector, from: "-" + range });
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  el("a", { href: url, download: selector.metric + ".hlog" }).click();
  URL.revokeObjectURL(url);
}
