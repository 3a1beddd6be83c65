import { get } from "./api.js";
import { el, refill } from "./dom.js";
import { NO_DATA, count, quantity, words } from "./format.js";
import { TIERS, tierBadge } from "./tier.js";

const WINDOW = "-5m";
const EVERY_MS = 5000;
const MOST_MODELS = 12;
/** More than fit in a row beside the GPUs and the alerts. */
const MANY_MODELS = 5;
const BAD_OUTCOMES = ["error", "timeout"];

/** The state of everything in one row: each model's latencies and errors, the GPUs, what fires. */
export class Strip {
  #root;
  #live;
  #models = new Map();
  #gpus = null;
  #alerts = [];

  constructor(root, live) {
    this.#root = root;
    this.#live = live;
    live.on("gpu", (detail) => {
      this.#gpus = detail;
      this.#draw();
    });
    // A sidecar that is lost meanwhile is told of by the banner.
    live.on("alert", () => this.#readAlerts().catch(() => {}));
  }

  async run() {
    for (;;) {
      try {
        // A page in the background asks nothing.
        if (!document.hidden) await Promise.all([this.#readModels(), this.#readAlerts()]);
        if (this.#gpus === null) this.#gpus = await get("/api/v1/gpus");
        this.#draw();
      } catch {
        // The banner says that the sidecar is lost.
      }
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }

  async #readModels() {
    const over = { from: WINDOW };
    const [ttft, tpot, requests] = await Promise.all([
      get("/api/v1/percentiles", { metric: "llm.ttft", p: "99", by: "model", ...over }),
      get("/api/v1/percentiles", { metric: "llm.tpot", p: "99", by: "model", ...over }),
      get("/api/v1/windows", { metric: "llm.requests", agg: "sum", by: "model,outcome", ...over }),
    ]);
    const models = new Map();
    const of = (series) => {
      const name = series.labels.model ?? "(no model)";
      if (!models.has(name)) models.set(name, { ttft: null, tpot: null, requests: 0, bad: 0 });
      return models.get(name);
    };
    // Where a model's requests are known one by one, what its server's buckets say besides is the poorer answer.
    const put = (name, answer) => answer.series.forEach((series) => {
      const model = of(series);
      if (model[name] === null || series.provenance === "exact") model[name] = series.percentiles.p99;
    });
    put("ttft", ttft);
    put("tpot", tpot);
    for (const series of requests.series) {
      const model = of(series);
      model.requests += series.value;
      if (BAD_OUTCOMES.includes(series.labels.outcome)) model.bad += series.value;
    }
    this.#models = models;
  }

  async #readAlerts() {
    this.#alerts = (await get("/api/v1/alerts", { state: "firing,pending" })).alerts;
    this.#draw();
  }

  #draw() {
    const names = this.#ranked();
    const left = names.length - MOST_MODELS;
    this.#root.classList.toggle("many", names.length > MANY_MODELS);
    refill(this.#root,
      names.slice(0, MOST_MODELS).map((name) => this.#modelCard(name, this.#models.get(name))),
      left > 0 ? el("a", { class: "card more", href: "#/latency" }, "and " + left + " more models") : null,
      names.length === 0 ? el("div", { class: "card" }, el("h2", {}, "Models"), el("p", { class: "muted" }, "no request in the last 5 minutes"),
        el("a", { href: "#/setup" }, "how to send the first")) : null,
      this.#gpuCard(), this.#alertCard());
  }

  /** By name; of more than fit, those that fire and then those with most requests come first. */
  #ranked() {
    const names = [...this.#models.keys()].sort();
    if (names.length <= MOST_MODELS) return names;
    const firing = new Set(this.#alerts.filter((alert) => alert.state === "firing").map((alert) => alert.labels.model));
    return names.sort((a, b) => Number(firing.has(b)) - Number(firing.has(a)) || this.#models.get(b).requests - this.#models.get(a).requests);
  }

  #modelCard(name, model) {
    const firing = this.#alerts.filter((alert) => alert.state === "firing" && alert.labels.model === name);
    const worst = TIERS.find((tier) => firing.some((alert) => alert.tier === tier));
    const errors = model.requests === 0 ? NO_DATA : quantity((100 * model.bad) / model.requests, "%");
    return el("div", { class: "card model" + (worst ? " tier-edge " + worst.toLowerCase() : "") },
      el("h2", { title: name + ", the last 5 minutes" }, worst ? tierBadge(worst) : el("span", { class: "dot good", role: "img", "aria-label": "no alert fires" }), el("a", { class: "name", href: "#/latency?model=" + encodeURIComponent(name) }, name), el("span", { class: "over muted small" }, "5 min")),
      el("dl", {},
        figure("TTFT p99", quantity(model.ttft, "ms")),
        figure("TPOT p99", quantity(model.tpot, "ms")),
        figure("errors", errors, model.bad > 0),
        figure("requests", count(model.requests))));
  }

  #gpuCard() {
    const all = this.#gpus?.gpus ?? [];
    const states = new Map();
    for (const gpu of all) states.set(gpu.verdict.state, (states.get(gpu.verdict.state) ?? 0) + 1);
    const rows = [...states].sort().map(([state, n]) =>
      el("span", { class: "state" }, el("span", { class: "dot " + (state === "healthy" ? "good" : state === "degraded" ? "warn" : "bad") }), n + " " + words(state)));
    return el("a", { class: "card link", href: "#/gpus" }, el("h2", {}, "GPUs"),
      all.length > 0 ? [el("p", { class: "states" }, rows), fleetFigures(all)] : el("p", { class: "muted small" }, this.#gpus?.reason ?? "none seen"));
  }

  #alertCard() {
    const firing = this.#alerts.filter((alert) => alert.state === "firing").sort((a, b) => a.tier.localeCompare(b.tier));
    const rows = TIERS.map((tier) => [tier, firing.filter((alert) => alert.tier === tier).length])
      .filter(([, n]) => n > 0).map(([tier, n]) => el("span", { class: "state" }, tierBadge(tier), String(n)));
    const pending = this.#alerts.filter((alert) => alert.state === "pending").length;
    return el("a", { class: "card link", href: "#/alerts" }, el("h2", {}, "Alerts"),
      el("p", { class: "states" }, rows.length > 0 ? rows : el("span", { class: "state" }, el("span", { class: "dot good" }), "none fires"),
        pending > 0 ? el("span", { class: "muted" }, pending + " pending") : null),
      firing.slice(0, 2).map((alert) => el("p", { class: "clipped small" }, alert.summary)));
  }
}

/** The mean SM utilisation, the power drawn and the hottest, of the GPUs that tell them. */
function fleetFigures(gpus) {
  const values = (metric) => gpus.map((gpu) => gpu.readings?.[metric]).map((one) => (one?.state === "value" ? one.value : one))
    .filter((value) => typeof value === "number");
  const sm = values("gpu.sm.utilization"), watts = values("gpu.power"), celsius = values("gpu.temperature");
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  return el("dl", { class: "three" },
    figure("mean SM", quantity(sm.length ? sum(sm) / sm.length : null, "%")),
    figure("power", quantity(watts.length ? sum(watts) : null, "W")),
    figure("hottest", quantity(celsius.length ? Math.max(...celsius) : null, "C")));
}

function figure(name, value, isBad = false) {
  return el("div", { class: value === NO_DATA ? "none" : isBad ? "bad" : null }, el("dt", {}, name), el("dd", {}, value));
}
