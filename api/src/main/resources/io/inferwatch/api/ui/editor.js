import { el, fill } from "./dom.js";

/** A text area with line numbers, where lines that are wrong are marked and say why. */
export class Editor {
  #text;
  #gutter = el("div", { class: "gutter", "aria-hidden": "true" });
  #problems = new Map();

  constructor(label) {
    this.#text = el("textarea", { "aria-label": label, spellcheck: "false", autocomplete: "off", wrap: "off", rows: "22",
      on: { input: () => this.#number(), scroll: () => (this.#gutter.scrollTop = this.#text.scrollTop) } });
    this.element = el("div", { class: "editor" }, this.#gutter, this.#text);
  }

  text() {
    return this.#text.value;
  }

  show(text) {
    this.#text.value = text;
    this.clearProblems();
  }

  /** @param problems {detail, line} */
  showProblems(problems) {
    this.#problems = new Map(problems.filter((one) => one.line).map((one) => [one.line, one.detail]));
    this.#text.setAttribute("aria-invalid", String(problems.length > 0));
    this.#number();
  }

  clearProblems() {
    this.showProblems([]);
  }

  /** Puts the caret there, the line in sight. */
  goTo(line, column) {
    const lines = this.#text.value.split("\n");
    const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    this.#text.focus();
    this.#text.setSelectionRange(at + column - 1, at + (lines[line - 1]?.length ?? 0));
    this.#text.scrollTop = (line - 6) * parseFloat(getComputedStyle(this.#text).lineHeight);
  }

  #number() {
    const lines = this.#text.value.split("\n").length;
    fill(this.#gutter, Array.from({ length: lines }, (_, i) =>
      el("div", this.#problems.has(i + 1) ? { class: "wrong", title: this.#problems.get(i + 1) } : {}, String(i + 1))));
    this.#gutter.scrollTop = this.#text.scrollTop;
  }
}
