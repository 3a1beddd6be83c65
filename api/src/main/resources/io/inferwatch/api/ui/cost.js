import { get } from "./api.js";
import { Columns, highest } from "./columns.js";
import { absence, el, field, fill, refill, scrolling, select, table } from "./dom.js";
import { count, duration, quantity } from "./format.js";
import { Plot } from "./plot.js";
import { bounds, nameOf, stepOf } from "./range.js";

/** What the requests cost, by whom; what has no price is counted beside it, never taken as free. */

const BY = ["model", "tenant", "feature", "user"];

export const cost = {
  title: "Cost",
  hasRange: true,
  async mount(root, context) {
    const { range, parameters, go, signal, live } = context;
    const by = BY.includes(parameters.get("by")) ? parameters.get("by") : "model";
    const plot = new Plot({ title: "Cost in each " + duration(1000 * stepOf(range).seconds) + ", by " + by, unit: "$", height: 220,
      empty: "no request with a cost: records may say cost_usd, or prices.file names a price table" });
    signal.addEventListener("abort", () => plot.destroy());
    const totals = el("div", {});
    const unpriced = el("div", {});
    root.append(el("div", { class: "filters" }, field("by", select(BY.map((name) => [name, name]), by, (value) => go({ by: value })))),
      el("section", { class: "panel" }, plot.element),
      el("section", { class: "panel" }, el("h2", {}, "In the last " + nameOf(range)), totals),
      el("section", { class: "panel" }, el("h2", {}, "Without a price"), unpriced));
    const read = async () => {
      const step = stepOf(range);
      const over = { from: "-" + range };
      const [course, sums, tokens, unknown] = await Promise.all([
        get("/api/v1/windows", { metric: "cost.usd", agg: "sum", by, step: step.text, ...over }),
        get("/api/v1/windows", { metric: "cost.usd", agg: "sum", by, ...over }),
        by === "model" || by === "tenant" ? get("/api/v1/windows", { metric: "llm.tokens.output", agg: "sum", by, where: "outcome:*", ...over }) : { series: [] },
        get("/api/v1/windows", { metric: "inferwatch.cost.unknown_model", agg: "sum", by: "model", ...over })]);
      if (signal.aborted) return;
      const columns = new Columns(step.seconds);
      columns.merge(course, (window) => window.value);
      const [from, to] = bounds(range, columns.oldest);
      const { times, rows } = columns.table(from, to, true);
      const shown = highest(rows);
      plot.draw(times, Object.assign(shown.rows.map((row) => ({ label: row.labels[by] ?? "(none)", values: row.values })), { left: shown.left }), [from, to]);
      showTotals(totals, sums.series, tokens.series, by);
      const lacking = unknown.series.filter((one) => one.value > 0);
      refill(unpriced, lacking.length === 0 ? (sums.series.length > 0 ? absence("none", "every request had a cost") : absence("nothing to tell", "no request came, or prices.file names no price table"))
        : scrolling(table("Models without a price", ["model", "requests"], lacking.map((one) => [one.labels.model ?? "(none)", count(one.value)])), "Models without a price"));
    };
    await read();
    live.on("window", (window) => window.open || read().catch(context.fail), signal);
  },
};

function showTotals(root, sums, tokens, by) {
  if (sums.length === 0) return fill(root, absence("no data", "no request with a cost in this time"));
  const all = sums.reduce((sum, one) => sum + one.value, 0);
  const tokensOf = (name) => tokens.find((one) => one.labels[by] === name)?.value ?? null;
  return refill(root, scrolling(table("Cost by " + by, [by, "cost", "share", "requests", "per million output tokens"], [
    ...sums.sort((a, b) => b.value - a.value).slice(0, 100).map((one) => {
      const name = one.labels[by];
      const output = tokensOf(name);
      return [name ?? "(none)", quantity(one.value, "$"), quantity(all === 0 ? null : (100 * one.value) / all, "%"), count(one.count),
        output ? quantity((1e6 * one.value) / output, "$") : "no data"];
    }),
    [el("th", { scope: "row" }, "all"), quantity(all, "$"), "", count(sums.reduce((sum, one) => sum + one.count, 0)), ""]]), "Cost by " + by));
}
