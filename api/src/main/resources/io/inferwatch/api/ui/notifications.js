import { get, send } from "./api.js";
import { action } from "./alerts.js";
import { absence, el, fill, refill, scrolling, table } from "./dom.js";
import { moment, quantity, words } from "./format.js";
import { toast } from "./dialogs.js";
import { tierBadge } from "./tier.js";

/** What went where, how often it was tried and what came of it. */

const KIND = { delivered: "good", retry: "warn", rejected: "bad" };

function row(one) {
  return [moment(one.at), tierBadge(one.tier), one.rule, words(one.kind), one.receiver,
    el("span", { class: "state" }, el("span", { class: "dot " + (KIND[one.outcome] ?? "warn") }), words(one.outcome), one.reason ? el("span", { class: "muted" }, " " + one.reason) : null),
    String(one.attempt), quantity(one.latency_ms, "ms"), el("code", { class: "small" }, one.key)];
}

async function sendTest(receiver) {
  if (receiver === "") return toast("say which receiver", "bad");
  const answer = await send("POST", "/api/v1/receivers/" + encodeURIComponent(receiver) + "/test");
  return toast(receiver + ": " + answer.outcome + (answer.reason ? ", " + answer.reason : ""), answer.outcome === "delivered" ? "good" : "bad");
}

export const notifications = {
  title: "Notifications",
  hasRange: false,
  async mount(root, context) {
    const log = el("div", {});
    const names = el("datalist", { id: "receivers" });
    const receiver = el("input", { list: "receivers", "aria-label": "receiver", placeholder: "receiver", autocomplete: "off" });
    root.append(el("section", { class: "panel" },
      el("header", { class: "with-controls" }, el("h2", {}, "Delivery log"), el("div", { class: "inline" }, receiver, names, action("Send a test notice", () => sendTest(receiver.value.trim())))),
      el("p", { class: "muted small" }, "The last 100 attempts, newest first. A test notice is not among them."), log));
    const read = async () => {
      const { notifications: all } = await get("/api/v1/notifications");
      if (context.signal.aborted) return;
      fill(names, [...new Set(all.map((one) => one.receiver))].sort().map((name) => el("option", { value: name })));
      refill(log, all.length === 0 ? absence("nothing was sent yet", "the first alert that a route sends on shows here")
        : scrolling(table("Delivery log", ["when", "tier", "rule", "what", "receiver", "outcome", "attempt", "took", "key"], all.map(row)), "Delivery log"));
    };
    await read();
    context.live.on("alert", () => read().catch(context.fail), context.signal);
    context.live.on("window", (window) => window.open || read().catch(context.fail), context.signal);
  },
};
