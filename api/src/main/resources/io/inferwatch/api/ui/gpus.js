import { get } from "./api.js";
import { absence, el, fill, keyed, refill, scrolling, table } from "./dom.js";
import { ago, moment, quantity, words } from "./format.js";

/** Each GPU with its verdict, the reason and what to do; readings that a GPU cannot give say so. */

const WORD = { unsupported: "not supported", no_permission: "no permission", stale: "stale", failed: "failed" };

function reading(gpu, metric) {
  return gpu.readings?.[metric] ?? null;
}

/** A reading in words: its value, or why there is none. */
function told(one) {
  if (one === null) return el("span", { class: "muted" }, "not read");
  if (one.state === "value") return quantity(one.value, one.unit);
  return el("span", { class: "muted" }, WORD[one.state] + (one.code === undefined ? "" : " (NVML " + one.code + ")"));
}

/** A bar with its value in words beside it. */
function gauge(name, one, share, detail = null) {
  const hasShare = one?.state === "value" && Number.isFinite(share);
  const level = hasShare ? Math.max(0, Math.min(1, share)) : 0;
  return el("div", { class: "gauge" },
    el("span", { class: "gauge-name" }, name), el("span", { class: "gauge-value" }, told(one), detail ? el("span", { class: "muted" }, " " + detail) : null),
    hasShare ? el("span", { class: "gauge-bar", "aria-hidden": "true" }, el("span", { style: { "--level": (100 * level).toFixed(1) + "%" } })) : null);
}

function gauges(gpu) {
  const value = (metric) => (reading(gpu, metric)?.state === "value" ? reading(gpu, metric).value : NaN);
  const sm = reading(gpu, "gpu.sm.utilization");
  return el("div", { class: "gauges" },
    gauge("SM in use", sm, value("gpu.sm.utilization") / 100, sm?.source ? "by " + sm.source.toUpperCase() : null),
    gauge("memory", reading(gpu, "gpu.memory.used"), value("gpu.memory.used") / value("gpu.memory.total"),
      Number.isFinite(value("gpu.memory.total")) ? "of " + quantity(value("gpu.memory.total"), "bytes") : null),
    gauge("power", reading(gpu, "gpu.power"), value("gpu.power") / value("gpu.power.limit"),
      Number.isFinite(value("gpu.power.limit")) ? "of " + quantity(value("gpu.power.limit"), "W") : null),
    gauge("temperature", reading(gpu, "gpu.temperature"), value("gpu.temperature") / 100,
      Number.isFinite(value("gpu.temperature.margin")) ? "· " + quantity(value("gpu.temperature.margin"), "C") + " below its limit" : null),
    gauge("SM clock", reading(gpu, "gpu.clock.sm"), NaN),
    gauge("DRAM busy", reading(gpu, "gpu.dram.active"), value("gpu.dram.active") / 100));
}

function holding(gpu) {
  const parts = reading(gpu, "gpu.clock.event")?.parts ?? [];
  const held = parts.filter((part) => part.state === "value" && part.value > 0).map((part) => words(part.reason));
  return held.length > 0 ? el("p", {}, el("span", { class: "chip warn" }, "clocks held down: " + held.join(", "))) : null;
}

const VERDICT_KIND = { healthy: "good", degraded: "warn" };

/** How often what is opened is read again; the card above it is with every reading. */
const DETAILS_EVERY_MS = 5000;

/** One GPU: what is said of it changes with every reading, what somebody opened stays open. */
function card(first) {
  const said = el("div", { class: "gpu-said" });
  const inside = el("div", { class: "gpu-details" });
  let detailsAt = 0;
  const details = el("details", { on: { toggle: () => details.open && showDetails(inside, first.uuid) } },
    el("summary", {}, "readings, processes, XIDs"), inside);
  const element = el("article", {}, said, details);
  const update = (gpu) => {
    element.className = "panel gpu verdict-" + kindOf(gpu);
    fill(said, gpuSaid(gpu));
    if (details.open && Date.now() - detailsAt > DETAILS_EVERY_MS) {
      detailsAt = Date.now();
      showDetails(inside, gpu.uuid);
    }
  };
  return { element, update };
}

function kindOf(gpu) {
  return VERDICT_KIND[gpu.verdict.state] ?? "bad";
}

function gpuSaid(gpu) {
  const { verdict } = gpu;
  return [el("header", {}, el("h2", {}, "GPU " + gpu.index), el("span", { class: "muted" }, gpu.name),
    gpu.server ? el("span", { class: "tag" }, "serves " + gpu.server) : null,
    el("span", { class: "verdict " + kindOf(gpu) }, words(verdict.state))),
  verdict.reason ? el("p", { class: "reason" }, verdict.reason, el("span", { class: "muted" }, " · since " + moment(verdict.since) + " (" + ago(verdict.since) + ")")) : null,
  verdict.action ? el("p", { class: "action" }, el("strong", {}, "What to do: "), verdict.action) : null,
  verdict.evidence?.length > 0 ? el("ul", { class: "evidence" }, verdict.evidence.map((line) => el("li", {}, typeof line === "string" ? line : JSON.stringify(line)))) : null,
  holding(gpu), gauges(gpu)];
}

async function showDetails(inside, uuid) {
  try {
    const gpu = await get("/api/v1/gpus/" + encodeURIComponent(uuid));
    refill(inside, el("p", { class: "muted small" }, uuid),
      el("h3", {}, "Processes"), processes(gpu.processes), el("h3", {}, "XIDs"), xids(gpu.events), mig(gpu.mig?.instances),
      el("h3", {}, "Readings"), scrolling(table("Readings of GPU " + gpu.index, ["metric", "value", "source", "read"], Object.entries(gpu.readings)
        .map(([metric, one]) => [metric, told(one), one.source ?? "", one.at ? ago(one.at) : ""])), "Readings"));
  } catch (failure) {
    fill(inside, absence("this could not be read", failure.message));
  }
}

function processes(list) {
  if (!Array.isArray(list) || list.length === 0) return absence("no process", "none runs on it, or the driver does not tell");
  return scrolling(table("Processes", ["pid", "kind", "command", "container", "pod", "memory"], list.map((one) => [
    String(one.pid ?? ""), one.kind ?? "", one.command ?? "", one.container ?? "", one.pod ?? "", one.memory_bytes === undefined ? "" : quantity(one.memory_bytes, "bytes")])), "Processes");
}

function xids(events) {
  if (!Array.isArray(events) || events.length === 0) return absence("no XID", "the driver has reported no error");
  return scrolling(table("XIDs", ["when", "XID", "meaning", "what to do"], events.map((one) => [moment(one.at), String(one.xid), one.meaning, one.action])), "XIDs");
}

function mig(instances) {
  if (!Array.isArray(instances) || instances.length === 0) return null;
  return el("div", {}, el("h3", {}, "MIG"), scrolling(table("MIG devices", ["device", "name", "memory"], instances.map((one) => [one.uuid, one.name, one.memory_used_bytes === undefined ? "" : quantity(one.memory_used_bytes, "bytes")])), "MIG devices"));
}

export const gpus = {
  title: "GPUs",
  hasRange: false,
  async mount(root, context) {
    const head = el("p", { class: "muted" });
    const list = el("div", { class: "gpu-grid" });
    const cards = new Map();
    const none = el("div", {});
    root.append(head, none, list);
    const read = async () => {
      const fleet = await get("/api/v1/gpus");
      if (context.signal.aborted) return;
      fill(head, fleet.driver ? "NVIDIA driver " + fleet.driver + " · read once a second" : "");
      fill(none, fleet.gpus.length > 0 ? null
        : absence("no GPU is seen", (fleet.reason ?? "none has answered yet") + ". Everything about requests works without."));
      keyed(list, cards, fleet.gpus, (gpu) => gpu.uuid, card);
    };
    await read();
    context.live.on("gpu", () => read().catch(context.fail), context.signal);
  },
};

