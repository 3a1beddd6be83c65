import { now } from "./clock.js";

/** Numbers and times as people read them, always with their unit. */

export const NO_DATA = "no data";

/** The number of a value that may be a bracket of bucketed data; null where there is none. */
export function point(value) {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? value.estimate : value;
}

/** Whether a value is known only between two bounds. */
export function isBracket(value) {
  return value !== null && typeof value === "object";
}

function significant(value, digits = 3) {
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(6, Math.max(0, digits - 1 - size));
  return value.toLocaleString("en-GB", { minimumFractionDigits: 0, maximumFractionDigits: decimals });
}

function milliseconds(value) {
  if (Math.abs(value) < 1000) return significant(value) + " ms";
  if (Math.abs(value) < 60_000) return significant(value / 1000) + " s";
  return duration(value);
}

function scaled(value, step, units) {
  let size = Math.abs(value);
  let at = 0;
  while (size >= step && at < units.length - 1) {
    size /= step;
    at++;
  }
  return significant(Math.sign(value) * size) + units[at];
}

const FORMS = {
  ms: milliseconds,
  s: (value) => (value !== 0 && Math.abs(value) < 1 ? milliseconds(value * 1000) : significant(value) + " s"),
  "%": (value) => significant(value) + " %",
  ratio: (value) => significant(value * 100) + " %",
  $: (value) => "$" + (Math.abs(value) >= 1 ? value.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : significant(value)),
  bytes: (value) => scaled(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]),
  C: (value) => significant(value) + " °C",
  "°C": (value) => significant(value) + " °C",
  W: (value) => scaled(value, 1000, [" W", " kW", " MW"]),
  J: (value) => scaled(value, 1000, [" J", " kJ", " MJ", " GJ"]),
  MHz: (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 0 }) + " MHz",
  tokens: (value) => scaled(value, 1000, ["", " k", " M", " G"]) + " tokens",
  count: (value) => scaled(value, 1000, ["", " k", " M", " G"]),
  "0/1": (value) => (value === 1 ? "yes" : value === 0 ? "no" : significant(value)),
};

/** A value in a unit of the catalogue; {@link NO_DATA} where there is none, never a zero. */
export function quantity(value, unit) {
  const number = point(value);
  if (number === null || Number.isNaN(number)) return NO_DATA;
  const plain = FORMS[unit] ?? ((other) => significant(other) + (unit ? " " + unit : ""));
  // A number and its unit stay on one line.
  const form = (one) => plain(one).replaceAll(" ", "\u00a0");
  if (!isBracket(value) || value.lo === value.hi) return form(number);
  return "≈ " + form(number) + " (" + form(value.lo) + " – " + (value.hi === null ? "?" : form(value.hi)) + ")";
}

export function count(value) {
  return value.toLocaleString("en-GB");
}

/** A length of time in the two largest parts that matter. */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return seconds + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min" + (seconds % 60 ? " " + (seconds % 60) + " s" : "");
  if (seconds < 86_400) {
    const minutes = Math.floor((seconds % 3600) / 60);
    return Math.floor(seconds / 3600) + " h" + (minutes ? " " + minutes + " min" : "");
  }
  const hours = Math.floor((seconds % 86_400) / 3600);
  return Math.floor(seconds / 86_400) + " d" + (hours ? " " + hours + " h" : "");
}

/** A length of time as the API writes it, `1h30m`, in the form of {@link duration}. */
export function lengthOf(text) {
  return text.replaceAll(/(\d)(ms|[a-z])/g, (all, digit, unit) => digit + "\u00a0" + (unit === "m" ? "min" : unit) + " ").trim();
}

export function ago(time) {
  const ms = now() - new Date(time).getTime();
  return ms < 1500 ? "just now" : duration(ms) + " ago";
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY_AND_CLOCK = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

/** A moment of the viewer's time zone: the clock today, with the day before that. */
export function moment(time) {
  const date = new Date(time);
  return Math.abs(now() - date.getTime()) < 43_200_000 ? CLOCK.format(date) : DAY_AND_CLOCK.format(date);
}

/** Parts of NVML's names that not everybody knows. */
const IN_FULL = { sw: "software", hw: "hardware" };

/** A word of the API in the plain form people read. */
export function words(name) {
  return name.split("_").map((part) => IN_FULL[part] ?? part).join(" ");
}
