import { button, el, field } from "./dom.js";

/** Modal dialogs, closed by Escape, the focus given back to where it was. */

/** Shows a form; gives its values by name, or null where it was put away. */
export function ask(title, intro, fields, confirm) {
  return new Promise((resolve) => {
    const controls = fields.map((one) => el(one.multiline ? "textarea" : "input", {
      name: one.name, type: one.multiline ? null : one.type ?? "text", value: one.value ?? null, required: one.required ?? false,
      autocomplete: "off", spellcheck: "false", placeholder: one.placeholder ?? null,
    }));
    let answer = null;
    const form = el("form", { method: "dialog", on: { submit: () => {
      answer = Object.fromEntries(controls.map((control) => [control.name, control.value.trim()]));
    } } },
      el("h2", { id: "dialog-title" }, title),
      intro ? el("p", {}, intro) : null,
      fields.map((one, i) => field(one.label, controls[i], one.hint ?? null)),
      el("div", { class: "actions" },
        button("Cancel", () => dialog.close()),
        el("button", { type: "submit", class: "primary" }, confirm)));
    const dialog = el("dialog", { "aria-labelledby": "dialog-title" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The dialog for a token. */
export async function askToken(scope, wasWrong) {
  const where = scope === "admin" ? "It stands in <data>/admin.token on the host, or in the file of auth.admin_token_file."
    : "It stands in the file of auth.read_token_file.";
  const answer = await ask(
    wasWrong ? "That is not the " + scope + " token" : "This needs the " + scope + " token",
    where + " It is kept in this page's memory until the page is closed.",
    [{ name: "token", label: scope + " token", type: "password", required: true }], "Use it");
  return answer?.token ?? "";
}

const toasts = el("div", { id: "toasts", role: "status", "aria-live": "polite" });
document.body.append(toasts);

/** A line that says what came of something, for a while. */
export function toast(text, kind = "good") {
  const line = el("div", { class: "toast " + kind }, text);
  toasts.append(line);
  setTimeout(() => line.remove(), kind === "bad" ? 12_000 : 5000);
}
