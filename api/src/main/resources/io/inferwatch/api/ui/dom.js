/**
 * Builds elements. Text goes in as text nodes only: a label value is hostile until proven otherwise, and nothing here
 * can turn one into markup.
 */

/** An element; attributes of null or false are left out, `on` holds listeners, `style` custom properties. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "style") {
      for (const [property, to] of Object.entries(value)) node.style.setProperty(property, to);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Puts these children in the place of what is there. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/**
 * As {@link fill}, where something like it stood before: who was on a control there is on the same one again (where it is gone,
 * on what holds the place), and what was scrolled stays scrolled.
 */
export function refill(node, ...children) {
  const focused = node.contains(document.activeElement) && document.activeElement !== node ? keyOf(document.activeElement) : null;
  const scrolled = new Map([...node.querySelectorAll(".scrolling")].map((one) => [keyOf(one), [one.scrollLeft, one.scrollTop]]));
  fill(node, ...children);
  for (const one of node.querySelectorAll(".scrolling")) [one.scrollLeft, one.scrollTop] = scrolled.get(keyOf(one)) ?? [0, 0];
  if (focused === null) return node;
  const same = [...node.querySelectorAll("button, a, input, select, summary, [tabindex]")].find((one) => keyOf(one) === focused);
  (same ?? node.closest("[tabindex]"))?.focus({ preventScroll: true });
  return node;
}

/** What a control is known by when its place is filled anew; `data-key` where its words change. */
function keyOf(control) {
  return control.tagName + " " + (control.dataset.key ?? control.getAttribute("aria-label") ?? control.getAttribute("href") ?? control.textContent);
}

/**
 * Shows items as children, one a key: an element stays what and where it is for as long as its item does, so that what somebody
 * reads, has opened or is about to press does not change under the hand.
 * @param kept key → {element, update(item)}, held by the caller; @param make gives such a pair for an item that is new
 */
export function keyed(root, kept, items, keyOfItem, make) {
  const focused = document.activeElement;
  const keys = new Set(items.map(keyOfItem));
  for (const [key, { element }] of [...kept]) {
    if (keys.has(key)) continue;
    kept.delete(key);
    element.remove();
  }
  items.forEach((item, i) => {
    const key = keyOfItem(item);
    if (!kept.has(key)) kept.set(key, make(item));
    const { element, update } = kept.get(key);
    update(item);
    if (root.children[i] !== element) root.insertBefore(element, root.children[i] ?? null);
  });
  // An element that was moved has lost the focus.
  if (focused !== document.activeElement && root.contains(focused)) focused.focus({ preventScroll: true });
}

export function button(text, onClick, attributes = {}) {
  return el("button", { type: "button", ...attributes, on: { click: onClick } }, text);
}

/** A table with a caption for those who cannot see the heading beside it. */
export function table(caption, heads, rows, attributes = {}) {
  return el("table", attributes,
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, heads.map((head) => (head === "" ? el("td", {}) : el("th", { scope: "col" }, head))))),
    el("tbody", {}, rows.map((cells) =>
      el("tr", {}, cells.map((cell, i) => named(cell instanceof HTMLTableCellElement ? cell : el("td", {}, cell), heads[i]))))));
}

/** Where the window is too narrow for columns each cell says what it is: {@link app.css} shows `data-head`. */
function named(cell, head) {
  if (head) cell.dataset.head = head;
  return cell;
}

/** A table that scrolls by itself where the window is narrow, by keyboard too. */
export function scrolling(node, label) {
  return el("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": label }, node);
}

export function field(label, control, hint = null) {
  return el("label", { class: "field" }, el("span", { class: "field-name" }, label), control,
    hint === null ? null : el("span", { class: "muted small" }, hint));
}

export function select(options, chosen, onChange, attributes = {}) {
  const node = el("select", { ...attributes, on: { change: () => onChange(node.value) } },
    options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  return node;
}

/** The empty state: what is missing and, where there is something to do about it, what. */
export function absence(what, remedy = null) {
  return el("div", { class: "absence" }, el("strong", {}, what),
    remedy === null ? null : el("span", { class: "muted" }, remedy));
}

/** Labels as small tags, `name=value`. */
export function labelTags(labels, without = []) {
  const names = Object.keys(labels).filter((name) => !without.includes(name));
  return el("span", { class: "tags" }, names.map((name) =>
    el("span", { class: "tag", title: name + "=" + labels[name] }, el("span", { class: "muted" }, name + "="), labels[name])));
}
