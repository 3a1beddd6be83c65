import { get } from "./api.js";
import { absence, el, fill, scrolling, table } from "./dom.js";
import { moment, quantity, words } from "./format.js";

/** What the GPUs of an alert did in the seconds after it fired, read five times a second. */

const UNITS = {
  "gpu.sm.utilization": "%", "gpu.sm.occupancy": "%", "gpu.tensor.active": "%", "gpu.dram.active": "%", "gpu.utilization": "%",
  "gpu.power": "W", "gpu.temperature": "C", "gpu.clock.sm": "MHz", "gpu.clock.memory": "MHz", "gpu.memory.used": "bytes",
};
const THROTTLE = "gpu.throttle.";
const BARS = "▁▂▃▄▅▆▇█";

/** Null where there is no record; else a part of the card that is read when it is opened. */
export function flightRecord(alert) {
  if (!alert.has_flight_record) return null;
  const body = el("div", {});
  const details = el("details", { class: "flight" }, el("summary", {}, "Flight record of its GPUs"), body);
  const read = () => get("/api/v1/alerts/" + encodeURIComponent(alert.id))
    .then((one) => fill(body, shown(one.flight_record)))
    .catch((failure) => fill(body, absence(failure.message)));
  details.addEventListener("toggle", () => { if (details.open) read(); });
  return details;
}

function shown(record) {
  if (!record) return absence("the record has made room for newer ones");
  if (record.not_taken) return absence("nothing was read faster", record.not_taken);
  const rows = record.gpus.flatMap(gpuRows);
  if (rows.length === 0) return absence("nothing is in it yet", "it runs until " + moment(record.to));
  return [el("p", { class: "muted" }, moment(record.from) + " to " + moment(record.to) + ", 200 ms apart"),
    scrolling(table("Flight record", ["GPU", "reading", "least", "most", "last", "lately"], rows), "Flight record")];
}

function gpuRows(gpu) {
  const names = [...new Set(gpu.samples.flatMap((sample) => Object.keys(sample.values)))].sort();
  return names.map((name) => row(gpu, name, gpu.samples.map((sample) => sample.values[name]).filter((value) => value !== undefined)))
    .filter((cells) => cells !== null);
}

/** A counter of time held down is told by what it grew, and only if it did. */
function row(gpu, name, values) {
  if (name.startsWith(THROTTLE)) {
    const grown = values.slice(1).map((value, at) => value - values[at]);
    const all = values.at(-1) - values[0];
    return all > 0 ? [gpu.gpu, "held down by " + words(name.slice(THROTTLE.length)), "", "", quantity(all, "s"), course(grown)] : null;
  }
  const unit = UNITS[name] ?? "";
  return [gpu.gpu, name, quantity(Math.min(...values), unit), quantity(Math.max(...values), unit), quantity(values.at(-1), unit), course(values)];
}

function course(values) {
  const least = Math.min(...values);
  const most = Math.max(...values);
  // What differs by rounding alone is level.
  const span = most - least > 1e-9 * Math.abs(most) ? most - least : 0;
  return el("td", { class: "spark", "aria-hidden": "true" },
    values.map((value) => BARS[span === 0 ? 0 : Math.round((value - least) / span * (BARS.length - 1))]).join(""));
}
