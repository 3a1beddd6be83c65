import { el, scrolling } from "./dom.js";
import { quantity } from "./format.js";

/** Why an alert is where it is: each leaf of its condition with value and limit, and what the GPUs did meanwhile. */

export function whyTable(leaves) {
  if (leaves.length === 0) return el("p", { class: "muted" }, "The reasons of a closed alert are not kept; its summary says what it was.");
  return scrolling(el("table", { class: "why" },
    el("caption", { class: "unseen" }, "Why"),
    el("thead", {}, el("tr", {}, ["result", "signal", "value", "limit", "held", "samples", "course"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, leaves.map(leafRow))), "Why");
}

function leafRow(leaf) {
  const result = leaf.result === true ? ["holds", "yes"] : leaf.result === false ? ["does not hold", "no"] : ["not known: " + (leaf.reason ?? ""), "unknown"];
  return el("tr", { class: "leaf-" + result[1] },
    el("td", {}, el("span", { class: "verdict-mark", role: "img", "aria-label": result[0], title: result[0] },
      { yes: "✓", no: "✗", unknown: "?" }[result[1]])),
    el("th", { scope: "row" }, leaf.leaf),
    el("td", { class: "number" }, leaf.value === null ? el("span", { class: "muted" }, "no data" + (leaf.reason ? ": " + leaf.reason : "")) : quantity(leaf.value, leaf.unit)),
    el("td", { class: "number" }, leaf.threshold === null ? "" : leaf.op + " " + quantity(leaf.threshold, leaf.unit),
      leaf.baseline === null ? null : el("span", { class: "muted" }, " (normal: " + quantity(leaf.baseline, leaf.unit) + ")")),
    el("td", {}, leaf.held),
    el("td", { class: "number" }, String(leaf.samples)),
    el("td", { class: "spark", "aria-hidden": "true" }, leaf.spark));
}

/** What the GPUs of the alert's server did, those with something to tell first. */
export function gpuWords(gpus) {
  const telling = (gpus ?? []).filter((gpu) => gpu.words?.length > 0 || gpu.xids?.length > 0);
  if (telling.length === 0) return null;
  return el("ul", { class: "gpu-words" }, telling.slice(0, 8).map((gpu) => el("li", {}, [gpu.words].flat().filter(Boolean).join("; "))));
}
