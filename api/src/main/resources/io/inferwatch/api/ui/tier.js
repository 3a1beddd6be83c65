import { el } from "./dom.js";

/** Tiers are told by letter and shape, by colour only besides. */

export const TIERS = ["P0", "P1", "P2", "P3"];
const MEANING = { P0: "page at once", P1: "page", P2: "look today", P3: "for the record" };

export function tierBadge(tier) {
  return el("span", { class: "tier " + String(tier).toLowerCase(), title: MEANING[tier] ?? null }, tier);
}

export function stateWord(state) {
  const kind = { firing: "bad", pending: "warn", closed: "", ok: "good", error: "bad", active: "warn", expired: "" }[state] ?? "";
  return el("span", { class: "state" }, el("span", { class: "dot " + kind }), state);
}
