import { el, scrolling, table } from "./dom.js";
import { count, lengthOf, quantity } from "./format.js";

/** Why an alert is where it is: each leaf of its condition with value and limit, and what the GPUs did meanwhile. */

export function whyTable(leaves) {
  if (leaves.length === 0) return el("p", { class: "muted" }, "The reasons of a closed alert are not kept; its summary says what it was.");
  const rows = leaves.map(leafCells);
  const shown = table("Why", ["result", "signal", "value", "limit", "held for", "samples", "lately"], rows, { class: "why" });
  [...shown.tBodies[0].rows].forEach((row, i) => row.classList.add("leaf-" + resultOf(leaves[i])[1]));
  return scrolling(shown, "Why");
}

function resultOf(leaf) {
  return leaf.result === true ? ["holds", "yes"] : leaf.result === false ? ["does not hold", "no"] : ["not known" + (leaf.reason ? ": " + leaf.reason : ""), "unknown"];
}

function leafCells(leaf) {
  const result = resultOf(leaf);
  return [el("td", {}, el("span", { class: "verdict-mark", "aria-hidden": "true" }, { yes: "✓", no: "✗", unknown: "?" }[result[1]]), " " + result[0]),
    el("th", { scope: "row" }, leaf.leaf),
    el("td", { class: "number" }, leaf.value === null ? el("span", { class: "muted" }, "no data") : quantity(leaf.value, leaf.unit)),
    el("td", { class: "number" }, leaf.threshold === null ? "" : (leaf.op === "==" ? "=" : leaf.op) + " " + quantity(leaf.threshold, leaf.unit),
      leaf.baseline === null ? null : el("span", { class: "muted" }, " (normal: " + quantity(leaf.baseline, leaf.unit) + ")")),
    el("td", { class: "number" }, lengthOf(leaf.held)),
    el("td", { class: "number" }, count(leaf.samples)),
    el("td", { class: "spark", "aria-hidden": "true" }, leaf.spark)];
}

/** What the GPUs of the alert's server did, those with something to tell first. */
export function gpuWords(gpus) {
  const telling = (gpus ?? []).filter((gpu) => gpu.words?.length > 0 || gpu.xids?.length > 0);
  if (telling.length === 0) return null;
  return el("ul", { class: "gpu-words" }, telling.slice(0, 8).map((gpu) => el("li", {}, [gpu.words].flat().filter(Boolean).join("; "))));
}
