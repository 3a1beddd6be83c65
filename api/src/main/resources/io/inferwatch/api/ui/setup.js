import { get, readiness } from "./api.js";
import { el, fill } from "./dom.js";
import { count, words } from "./format.js";

/** The way from a first start to a first notice: what is done, what is not, and the command for it. */

const FIRST_RECORD = "curl -s -X POST " + location.origin + "/api/v1/requests -H 'Content-Type: application/json' \\\n"
  + "  -d '{\"model\":\"llama-3.1-8b\",\"ttft_ms\":118.2,\"latency_ms\":2140,\"output_tokens\":96}'";

/** Each answers {done: true | false | null (does not matter here), text, remedy?, command?}. */
const STEPS = [
  ["Records are taken and kept", async () => {
    const { status, parts } = await readiness();
    const wrong = (parts ?? []).filter((part) => part.status !== "ok");
    return { done: status === "ready", text: wrong.length === 0 ? "journal, windows, database, rules and notifier are well"
      : wrong.map((part) => part.name + ": " + (part.detail ?? words(part.status))).join("; ") };
  }],
  ["GPUs are read", async () => {
    const fleet = await get("/api/v1/gpus");
    return fleet.gpus.length > 0 ? { done: true, text: count(fleet.gpus.length) + " GPUs, driver " + fleet.driver }
      : { done: null, text: fleet.reason ?? "none has answered yet", remedy: "everything about requests works without; where a driver is, gpu.library says where" };
  }],
  ["First request seen", async () => {
    const { series } = await get("/api/v1/series", { metric: "llm.requests" });
    const models = new Set(series.map((one) => one.labels.model));
    return series.length > 0 ? { done: true, text: [...models].slice(0, 5).join(", ") + (models.size > 5 ? " and more" : "") }
      : { done: false, text: "waiting for the first request …", command: FIRST_RECORD };
  }],
  ["Model servers are read", async () => {
    const { sources } = await get("/api/v1/sources");
    const failing = sources.filter((one) => !one.reachable);
    if (sources.length === 0) return { done: null, text: "none is configured", remedy: "for KV cache and queue, name its metrics page", command: "servers:\n  - {name: llama-70b, scrape: \"http://127.0.0.1:8000/metrics\"}" };
    return failing.length === 0 ? { done: true, text: sources.map((one) => one.server).join(", ") }
      : { done: false, text: failing.map((one) => one.server + ": " + (one.problem ?? "not reachable")).join("; "), command: "./inferwatch doctor" };
  }],
  ["Rules judge", async () => {
    const { rules } = await get("/api/v1/rules");
    const wrong = rules.filter((rule) => rule.error);
    return { done: wrong.length === 0 && rules.length > 0, text: count(rules.length) + " rules in force" + (wrong.length > 0 ? "; with an error: " + wrong.map((rule) => rule.name).join(", ") : "") };
  }],
  ["A notice was delivered", async () => {
    const { notifications } = await get("/api/v1/notifications");
    const last = notifications.find((one) => one.outcome === "delivered");
    return last ? { done: true, text: "the last one to " + last.receiver } : { done: false, text: "none yet", remedy: "try your receiver", command: "./inferwatch send-test NAME" };
  }],
];

async function states() {
  return Promise.all(STEPS.map(async ([name, look]) => {
    try {
      return { name, ...(await look()) };
    } catch (failure) {
      return { name, done: false, text: "this could not be read: " + failure.message };
    }
  }));
}

function list(all) {
  return el("ol", { class: "checklist" }, all.map((step) => el("li", { class: step.done === true ? "done" : step.done === null ? "open" : "todo" },
    el("span", { class: "check", role: "img", "aria-label": step.done === true ? "done" : step.done === null ? "not needed" : "to do" }, step.done === true ? "✓" : step.done === null ? "–" : "!"),
    el("div", {}, el("strong", {}, step.name), el("p", {}, step.text), step.remedy ? el("p", { class: "muted" }, step.remedy) : null,
      step.command ? el("pre", { tabindex: "0", "aria-label": "Command" }, step.command) : null))));
}

/** On the overview, for as long as no request was ever seen. */
export async function firstSteps(root) {
  const { series } = await get("/api/v1/series", { metric: "llm.requests" });
  if (series.length > 0) return fill(root);
  return fill(root, el("section", { class: "panel" }, el("h2", {}, "First steps"), list(await states())));
}

export const setup = {
  title: "Set-up",
  hasRange: false,
  async mount(root, context) {
    const place = el("div", {});
    root.append(el("section", { class: "panel" }, el("h2", {}, "First steps"), place,
      el("p", { class: "muted" }, "More: ", el("code", {}, "./inferwatch doctor"), " looks at everything that could be wrong; the API is described at ", el("a", { href: "/docs" }, "/docs"), ".")));
    let shown = "";
    const read = async () => {
      const all = await states();
      // Drawn anew only where something changed: what somebody selects or reads stays.
      if (context.signal.aborted || shown === JSON.stringify(all)) return;
      shown = JSON.stringify(all);
      fill(place, list(all));
    };
    await read();
    const isWaiting = () => shown.includes('"done":false');
    context.live.on("window", (window) => (isWaiting() || !window.open) && read().catch(context.fail), context.signal);
  },
};
