import { ApiError, get, getText, send } from "./api.js";
import { action } from "./alerts.js";
import { ask, toast } from "./dialogs.js";
import { absence, el, field, fill, keyed, labelTags, refill, scrolling, select, table } from "./dom.js";
import { Editor } from "./editor.js";
import { count, moment, words } from "./format.js";
import { stateWord, tierBadge } from "./tier.js";
import { whyTable } from "./why.js";

/** The rules in force with their states, and their text: checked in place, tried on the past, put in force, taken back. */

const YAML = "application/yaml";
const PASTS = [["-1h", "the last hour"], ["-24h", "the last day"], ["-7d", "the last week"], ["-30d", "the last 30 days"]];

/** What needs somebody comes first. */
const ORDER = { error: 0, firing: 1, pending: 2, ok: 3 };

/** One rule; what somebody has opened stays open while its states change. */
function ruleRow() {
  const summary = el("summary", {});
  const body = el("div", {});
  const element = el("details", { class: "rule" }, summary, body);
  const update = (rule) => {
    const open = rule.instances.filter((one) => one.state !== "ok").length;
    fill(summary, stateWord(rule.state), el("strong", {}, rule.name), el("span", { class: "tiers" }, rule.tiers.map(tierBadge)),
      el("span", { class: "muted" }, open > 0 ? open + " of " + rule.instances.length + " not ok" : rule.instances.length + (rule.instances.length === 1 ? " instance" : " instances")));
    refill(body, ruleTold(rule));
  };
  return { element, update };
}

function ruleTold(rule) {
  return [rule.error ? el("p", { class: "chip bad" }, rule.error) : null,
    rule.never_matched.length > 0 ? el("p", { class: "chip warn" }, "has matched no data so far: " + rule.never_matched.join(", ")) : null,
    rule.refused_instances > 0 ? el("p", { class: "chip warn" }, count(rule.refused_instances) + " instances are past the limit and not judged") : null,
    [...rule.instances].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, 50).map((one) => el("div", { class: "instance" },
      el("p", {}, stateWord(one.state), one.tier ? tierBadge(one.tier) : null, labelTags(one.labels), one.stale ? el("span", { class: "chip warn" }, "data is stale") : null),
      whyTable(one.why)))];
}

class Workbench {
  #outcome = el("div", { class: "outcome", role: "status" });
  #versions = el("div", {});
  #editor = new Editor("Rules, YAML");
  #etag = null;
  #past = "-24h";

  constructor() {
    this.element = el("section", { class: "panel" }, el("h2", {}, "Rules file"), this.#editor.element,
      el("div", { class: "actions" },
        action("Check", () => this.#check(), { title: "No token needed; changes nothing" }),
        action("Dry run", () => this.#dryRun(), { title: "What would change, as the server sees it" }),
        action("Put in force", () => this.#put(), { class: "primary" }),
        el("span", { class: "spacer" }),
        field("try it on", select(PASTS, this.#past, (value) => (this.#past = value))),
        action("Backtest", () => this.#backtest())),
      this.#outcome, el("h3", {}, "Versions"), this.#versions);
  }

  async read() {
    const [source, versions] = await Promise.all([getText("/api/v1/rules/source"), get("/api/v1/rules/versions")]);
    this.#etag = source.etag;
    this.#editor.show(source.text);
    this.#showVersions(versions.versions);
  }

  /** Runs a call; errors with a line are shown at that line, anything else in words. */
  async #judged(work, tell) {
    this.#editor.clearProblems();
    fill(this.#outcome, el("p", { class: "muted" }, "working …"));
    try {
      fill(this.#outcome, tell(await work()));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      this.#editor.showProblems(failure.errors);
      fill(this.#outcome, el("p", { class: "chip bad" }, failure.message), failure.errors.length === 0 ? null
        : el("ul", { class: "problems" }, failure.errors.map((one) => el("li", {},
          action(one.line ? "line " + one.line + ":" + one.column : "file", async () => this.#editor.goTo(one.line ?? 1, one.column ?? 1), { class: "link" }),
          " ", one.detail, one.hint ? el("span", { class: "muted" }, " " + one.hint) : null))));
    }
  }

  #check() {
    return this.#judged(() => send("POST", "/api/v1/rules/check", { type: YAML, body: this.#editor.text(), scope: "read" }), changesTold);
  }

  #dryRun() {
    return this.#judged(() => send("PUT", "/api/v1/rules/source?dry_run=true", { type: YAML, body: this.#editor.text(), headers: this.#ifMatch() }), changesTold);
  }

  #put() {
    return this.#judged(async () => {
      const made = await send("PUT", "/api/v1/rules/source", { type: YAML, body: this.#editor.text(), headers: this.#ifMatch() });
      this.#etag = made.etag;
      this.#showVersions((await get("/api/v1/rules/versions")).versions);
      return made;
    }, (made) => [el("p", { class: "chip good" }, "version " + made.version + " is in force, " + made.rules + " rules"), warningsTold(made.warnings)]);
  }

  #ifMatch() {
    return this.#etag === null ? {} : { "If-Match": this.#etag };
  }

  #backtest() {
    const path = "/api/v1/rules/backtest?" + new URLSearchParams({ from: this.#past });
    return this.#judged(() => send("POST", path, { type: YAML, body: this.#editor.text(), scope: "read" }), backtestTold);
  }

  #showVersions(versions) {
    fill(this.#versions, scrolling(table("Versions", ["version", "in force since", "rules", ""], versions.map((one) => [
      String(one.version), moment(one.loaded_at), String(one.rules),
      one.running ? el("span", { class: "chip good" }, "runs now") : action("Go back to version " + one.version, () => this.#rollBack(one.version))]), { class: "slim" }), "Versions"));
  }

  async #rollBack(version) {
    if (await ask("Go back to version " + version + "?", "Its text is written to the rules file and put in force.", [], "Go back") === null) return;
    await send("POST", "/api/v1/rules/rollback", { body: JSON.stringify({ version }) });
    toast("version " + version + " is in force again");
    await this.read();
  }
}

function warningsTold(warnings) {
  return (warnings ?? []).length === 0 ? null : el("ul", { class: "problems" }, warnings.map((line) => el("li", {}, line)));
}

function changesTold(report) {
  const changes = Object.entries(report.changes ?? {}).filter(([, names]) => names.length > 0)
    .map(([what, names]) => el("li", {}, el("strong", {}, what + ": "), names.join(", ")));
  return [el("p", { class: "chip good" }, "these rules can be used: " + report.rules + " rules, their tests pass"),
    el("ul", {}, changes.length > 0 ? changes : el("li", { class: "muted" }, "no rule changes")), warningsTold(report.warnings)];
}

/** Receiver → kind of notice → how many. */
function noticesTold(notifications) {
  return Object.entries(notifications).map(([receiver, kinds]) =>
    receiver + ": " + Object.entries(kinds).map(([kind, n]) => n + " " + words(kind)).join(", ")).join("; ");
}

function backtestTold(report) {
  const rows = report.rules.flatMap((rule) => rule.weeks.map((week) => [rule.name, week.week,
    Object.entries(week.opened).map(([tier, n]) => el("span", { class: "state" }, tierBadge(tier), String(n))), String(week.tier_changes), String(week.closed),
    noticesTold(week.notifications ?? {})]));
  return [el("p", {}, "From " + moment(report.from) + " to " + moment(report.to) + (report.complete ? "" : ": it ran out of time there")),
    rows.length === 0 ? absence("nothing would have fired") : scrolling(table("What would have fired", ["rule", "week of", "opened", "tier changes", "closed", "notices"], rows), "What would have fired"),
    report.alerts.length === 0 ? null : el("details", {}, el("summary", {}, "the alerts, one by one"), scrolling(table("Alerts of the backtest", ["tier", "rule", "labels", "opened", "closed", "summary"],
      report.alerts.map((one) => [tierBadge(one.tier), one.rule, labelTags(one.labels, ["host"]), moment(one.opened_at), one.closed_at ? moment(one.closed_at) : "still open", one.summary])), "Alerts of the backtest"))];
}

export const rules = {
  title: "Rules",
  hasRange: false,
  isWrittenOn: true,
  async mount(root, context) {
    const list = el("div", { class: "rules" });
    const none = el("div", {});
    const rows = new Map();
    const workbench = new Workbench();
    root.append(el("section", { class: "panel" }, el("h2", {}, "In force"), none, list), workbench.element);
    const readStates = async () => {
      const { rules: all } = await get("/api/v1/rules");
      if (context.signal.aborted) return;
      fill(none, all.length === 0 ? absence("no rules") : null);
      keyed(list, rows, all.sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.name.localeCompare(b.name)), (rule) => rule.name, ruleRow);
    };
    await Promise.all([readStates(), workbench.read()]);
    context.live.on("alert", () => readStates().catch(context.fail), context.signal);
    context.live.on("window", (window) => window.open || readStates().catch(context.fail), context.signal);
  },
};
