import { get, send } from "./api.js";
import { now } from "./clock.js";
import { ask, toast } from "./dialogs.js";
import { absence, button, el, fill, keyed, labelTags, refill, scrolling, select, table } from "./dom.js";
import { duration, moment } from "./format.js";
import { flightRecord } from "./flight.js";
import { AlertLanes } from "./lanes.js";
import { TIERS, stateWord, tierBadge } from "./tier.js";
import { gpuWords, whyTable } from "./why.js";

/** What fires and why, what fired before, and the two things an operator does about it: take it on, hold it back. */

/** More cards than anybody reads make the page slow when it matters most. */
const MOST_OPEN = 50;
const JSON_TYPE = "application/json";

async function acknowledge(alert, reread) {
  const answer = await ask("Acknowledge " + alert.rule, "Escalation stops; it is told that you look at it.",
    [{ name: "by", label: "your name", required: true, placeholder: "ada" }], "Acknowledge");
  if (answer === null) return;
  await send("POST", "/api/v1/alerts/" + encodeURIComponent(alert.id) + "/ack", { type: JSON_TYPE, body: JSON.stringify({ by: answer.by }) });
  toast(alert.rule + " is acknowledged");
  await reread();
}

async function silence(alert, reread) {
  const answer = await ask("Silence " + alert.rule, "Nobody is told of it while the silence lasts. It matches the rule and these labels: "
    + Object.entries(alert.labels).map(([name, value]) => name + "=" + value).join(", "), [
    { name: "until", label: "until", value: "+2h", required: true, hint: "+30m, +2h, or a time such as 2026-01-05T12:00:00Z" },
    { name: "by", label: "your name", required: true }, { name: "why", label: "why", required: true, placeholder: "planned load test" }], "Silence");
  if (answer === null) return;
  const body = { match: { ...alert.labels, rule: alert.rule }, until: answer.until, by: answer.by, why: answer.why };
  await send("POST", "/api/v1/silences", { type: JSON_TYPE, body: JSON.stringify(body) });
  toast(alert.rule + " is silenced");
  await reread();
}

async function expire(one, reread) {
  await send("DELETE", "/api/v1/silences/" + encodeURIComponent(one.id));
  toast("the silence has ended");
  await reread();
}

/** A button whose work may fail: what went wrong is said, not swallowed. */
export function action(text, work, attributes = {}) {
  return button(text, () => work().catch((failure) => toast(failure.message, "bad")), attributes);
}

/** One open alert: its values move with every reading, its buttons only when somebody took it on. */
function alertCard(first, reread) {
  const head = el("div", { class: "alert-head" });
  const flight = el("div", {});
  const actions = el("div", { class: "actions" });
  const element = el("article", { class: "alert", id: "alert-" + first.id, tabindex: "-1" }, head, flight, actions);
  let offered = "";
  let recorded = false;
  const update = (alert) => {
    element.className = "alert tier-edge " + alert.tier.toLowerCase();
    refill(head, alertTold(alert));
    const hasRecord = alert.has_flight_record === true;
    if (hasRecord !== recorded) {
      recorded = hasRecord;
      fill(flight, flightRecord(alert));
    }
    const standing = JSON.stringify([alert.acked, alert.runbook, alert.labels]);
    if (standing === offered) return;
    offered = standing;
    refill(actions,
      alert.acked === null ? action("Acknowledge", () => acknowledge(alert, reread))
        : el("span", { class: "muted" }, "acknowledged by " + alert.acked.by + ", " + moment(alert.acked.at)),
      action("Silence …", () => silence(alert, reread)),
      runbook(alert));
  };
  return { element, update };
}

function alertTold(alert) {
  const since = alert.fired_at ?? alert.since;
  return [el("header", {},
    tierBadge(alert.tier), el("h3", {}, alert.rule), stateWord(alert.state),
    alert.stale ? el("span", { class: "chip warn" }, "data is stale") : null,
    el("span", { class: "muted" }, "for " + duration(now() - Date.parse(since)))),
  el("p", { class: "summary" }, alert.summary),
  alert.description ? el("p", { class: "muted" }, alert.description) : null,
  // The index is how people call a GPU; its page has the UUID.
  labelTags(alert.labels, alert.labels.gpu === undefined ? [] : ["uuid"]), whyTable(alert.why), gpuWords(alert.gpus)];
}

/** Only a web address becomes a link: `javascript:` and the like stay text. */
function runbook(alert) {
  if (!alert.runbook) return null;
  return /^https?:\/\//.test(alert.runbook)
    ? el("a", { href: alert.runbook, rel: "noopener noreferrer", target: "_blank" }, "runbook")
    : el("span", { class: "muted" }, "runbook: " + alert.runbook);
}

function closedTable(alerts) {
  if (alerts.length === 0) return absence("no alert closed in this time");
  return scrolling(table("Closed alerts", ["tier", "rule", "at its end", "labels", "fired", "lasted", "ended because", "told"], alerts.map((alert) => [
    tierBadge(alert.tier), alert.rule, alert.summary, labelTags(alert.labels, ["host", "simulated", "uuid"]), moment(alert.fired_at),
    duration(Date.parse(alert.closed_at) - Date.parse(alert.fired_at)), alert.reason ?? "",
    alert.muted_by ? "no: " + alert.muted_by : alert.acked ? "yes, acknowledged by " + alert.acked.by : "yes"])), "Closed alerts");
}

function silenceTable(silences, reread) {
  const shown = silences.filter((one) => one.state !== "expired");
  if (shown.length === 0) return absence("no silence", "an alert's button makes one");
  return scrolling(table("Silences", ["state", "matches", "until", "by", "why", ""], shown.map((one) => [
    stateWord(one.state), labelTags(Object.fromEntries(Object.entries(one.match).map(([name, value]) => [name, [value].flat().join(" or ")]))),
    moment(one.until), one.by, one.why,
    one.source === "file" ? el("span", { class: "muted" }, "stands in the rules file") : action("End it", () => expire(one, reread), { "aria-label": "End it: the silence for " + one.why })])), "Silences");
}

export const alerts = {
  title: "Alerts",
  hasRange: true,
  async mount(root, context) {
    const { range, signal, live, parameters, go } = context;
    const tier = parameters.get("tier") ?? "";
    const open = el("div", { class: "alerts" });
    const cards = new Map();
    const rest = el("div", {});
    const closed = el("div", {});
    const silences = el("div", {});
    const lanes = new AlertLanes({ range, isTitled: false, onPick: (alert) => document.getElementById("alert-" + alert.id)?.focus() });
    signal.addEventListener("abort", () => lanes.destroy());
    root.append(
      el("section", { class: "panel" }, el("header", { class: "with-controls" }, el("h2", {}, "Open"),
        el("label", { class: "inline" }, "tier ", select([["", "all"], ...TIERS.map((one) => [one, one])], tier, (value) => go({ tier: value })))), open, rest),
      el("section", { class: "panel" }, el("h2", {}, "Timeline"), lanes.element),
      el("section", { class: "panel" }, el("h2", {}, "Silences"), silences),
      el("section", { class: "panel" }, el("h2", {}, "Closed"), closed));
    const read = async () => {
      const [all, quiet] = await Promise.all([get("/api/v1/alerts", { from: "-" + range, tier }), get("/api/v1/silences")]);
      if (signal.aborted) return;
      const standing = all.alerts.filter((alert) => alert.state !== "closed")
        .sort((a, b) => a.tier.localeCompare(b.tier) || a.state.localeCompare(b.state));
      keyed(open, cards, standing.slice(0, MOST_OPEN), (alert) => alert.id, (alert) => alertCard(alert, read));
      fill(rest, standing.length === 0 ? absence("nothing fires", "and nothing is pending")
        : standing.length > MOST_OPEN ? el("p", { class: "muted" }, "and " + (standing.length - MOST_OPEN) + " more; choose a tier to see fewer") : null);
      lanes.take(all.alerts);
      lanes.draw();
      refill(closed, closedTable(all.alerts.filter((alert) => alert.state === "closed")
        .sort((a, b) => Date.parse(b.closed_at) - Date.parse(a.closed_at)).slice(0, 200)));
      refill(silences, silenceTable(quiet.silences, read));
    };
    await read();
    live.on("alert", () => read().catch(context.fail), signal);
    live.on("window", (window) => window.open || read().catch(context.fail), signal);
  },
};

