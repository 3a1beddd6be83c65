import { setTokenDialog } from "./api.js";
import { now } from "./clock.js";
import { askToken } from "./dialogs.js";
import { absence, el, fill, select } from "./dom.js";
import { ago, duration, moment } from "./format.js";
import { Live } from "./live.js";
import { RANGES } from "./range.js";
import { Strip } from "./strip.js";
import { overview } from "./overview.js";
import { latency } from "./latency.js";
import { gpus } from "./gpus.js";
import { alerts } from "./alerts.js";
import { rules } from "./rules.js";
import { notifications } from "./notifications.js";
import { cost } from "./cost.js";
import { setup } from "./setup.js";

/** The shell: which page is shown, the time it looks at, whether what it shows is still true. */

/** name → {title, mount(root, context)}; hasRange: it looks at a stretch of time; isWrittenOn: it holds what somebody typed. */
const PAGES = { overview, latency, gpus, alerts, rules, notifications, cost, setup };

const live = new Live();
const nav = document.getElementById("nav");
const controls = document.getElementById("controls");
const banner = document.getElementById("banner");
const content = document.getElementById("content");
const freshness = el("span", { class: "freshness", role: "status" });
const strip = new Strip(document.getElementById("strip"), live);
let leaving = new AbortController();

setTokenDialog(askToken);

function place() {
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const parameters = new URLSearchParams(search ?? "");
  const range = RANGES.some(([value]) => value === parameters.get("range")) ? parameters.get("range") : "15m";
  return { name: Object.hasOwn(PAGES, path) ? path : "overview", range, parameters };
}

function address(name, parameters) {
  const text = parameters.toString();
  return "#/" + name + (text ? "?" + text : "");
}

function go(change) {
  const { name, parameters } = place();
  for (const [key, value] of Object.entries(change)) {
    if (value === null || value === "") parameters.delete(key);
    else parameters.set(key, value);
  }
  location.hash = address(name, parameters);
}

function show() {
  leaving.abort();
  leaving = new AbortController();
  const { name, range, parameters } = place();
  const page = PAGES[name];
  document.body.dataset.page = name;
  document.title = page.title + " · Inferwatch";
  const keepRange = new URLSearchParams(range === "15m" ? {} : { range });
  fill(nav, Object.entries(PAGES).map(([key, one]) =>
    el("a", { href: address(key, keepRange), "aria-current": key === name ? "page" : null }, one.title)));
  fill(controls, freshness, page.hasRange
    ? el("label", { class: "range" }, el("span", { class: "unseen" }, "Time shown"), select(RANGES, range, (value) => go({ range: value })))
    : null);
  fill(content, el("h1", { class: "unseen" }, page.title));
  const root = el("div", { class: "page page-" + name });
  content.append(root, el("p", { class: "zone muted small" }, "Times are those of this browser, " + ZONE + "."));
  const signal = leaving.signal;
  const context = { live, range, parameters, go, signal, fail: (failure) => fail(root, failure, signal) };
  Promise.resolve(page.mount(root, context)).catch(context.fail);
}

/** Such as "UTC+02:00": who talks to somebody elsewhere has to say it. */
const ZONE = new Intl.DateTimeFormat("en-GB", { timeZoneName: "longOffset" }).formatToParts().find((part) => part.type === "timeZoneName")
  .value.replace("GMT", "UTC");

/** What was missed meanwhile is read anew; a text that somebody writes is not thrown away for it. */
function reread() {
  if (!PAGES[place().name].isWrittenOn) show();
}

/** What went wrong stands where it would have been shown, and nothing old beside it. */
function fail(root, failure, signal) {
  if (signal.aborted) return;
  root.querySelector(":scope > .failure")?.remove();
  root.prepend(el("div", { class: "failure", role: "alert" }, absence("this could not be read", failure.message)));
}

/** The sidecar takes its own measures every ten seconds: later than this, something is wrong. */
const STALE_MS = 15_000;

/** Stale data looks stale: it says so, and when the sidecar is lost the whole page fades. */
function tellFreshness() {
  document.body.classList.toggle("is-lost", live.state === "lost");
  const age = live.receivedAt === null ? null : now() - live.receivedAt;
  const isStale = age !== null && age > STALE_MS;
  document.body.classList.toggle("is-stale", live.state !== "live" || isStale);
  if (live.state === "lost") {
    const words = "The sidecar does not answer, since " + moment(live.lostSince) + " (" + duration(now() - live.lostSince)
      + "). What is shown is from before; it is tried again by itself.";
    if (banner.textContent !== words) fill(banner, words);
    fill(freshness, el("span", { class: "dot bad" }), "not connected");
    return;
  }
  if (banner.childNodes.length > 0) fill(banner);
  if (live.state === "connecting") fill(freshness, el("span", { class: "dot" }), "connecting");
  else if (age === null) fill(freshness, el("span", { class: "dot" }), "no sample yet");
  else fill(freshness, el("span", { class: "dot " + (isStale ? "warn" : "good") }), "last sample " + ago(live.receivedAt));
}

addEventListener("hashchange", () => {
  show();
  content.focus({ preventScroll: true });
  scrollTo(0, 0);
});
live.on("state", ({ state, before }) => {
  tellFreshness();
  if (state === "live" && before === "lost") reread();
});
live.on("dropped", reread);
setInterval(tellFreshness, 1000);
tellFreshness();
show();
strip.run();
live.run();
