/** Colours as the style sheet has them, for what is drawn on a canvas. */

const dark = matchMedia("(prefers-color-scheme: dark)");

export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

/** The n-th colour of a chart's series; told apart by dashes too where there are more than eight. */
export function seriesColor(n) {
  return color("series-" + ((n % 8) + 1));
}

export function isDark() {
  return dark.matches;
}

export function onThemeChange(listener) {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}
