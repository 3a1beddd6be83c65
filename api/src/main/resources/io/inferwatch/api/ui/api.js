/** Calls of the HTTP API. Tokens are typed by the user and live in this page's memory only: never in a URL, never stored. */

const tokens = { read: "", admin: "" };
const asking = {};
const declinedAt = {};
const ASK_AGAIN_MS = 60_000;
let askFor = async () => "";

/** What the API answered instead of what was asked for. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? "HTTP " + status);
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

/** @param ask shows a dialog for the token of a scope and gives what was typed, or "" */
export function setTokenDialog(ask) {
  askFor = ask;
}

export function authorization(scope) {
  const token = scope === "admin" ? tokens.admin : tokens.read || tokens.admin;
  return token === "" ? {} : { Authorization: "Bearer " + token };
}

function query(parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) value.forEach((one) => search.append(name, one));
    else if (value !== null && value !== undefined && value !== "") search.append(name, value);
  }
  const text = search.toString();
  return text === "" ? "" : "?" + text;
}

async function call(scope, path, options) {
  const headers = { ...options.headers, ...authorization(scope) };
  return fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
}

/** However many calls need a token at once, one dialog asks for it; who put it away is not asked again for a while. */
function ask(scope, wasWrong) {
  if (Date.now() - (declinedAt[scope] ?? 0) < ASK_AGAIN_MS) return Promise.resolve("");
  asking[scope] ??= askFor(scope, wasWrong).then((typed) => {
    delete asking[scope];
    if (typed !== "") tokens[scope] = typed;
    else if (scope === "read") declinedAt.read = Date.now();
    return typed;
  });
  return asking[scope];
}

/** Asks for a token where one is needed, and once more where it was wrong. */
async function answered(scope, path, options) {
  // Nobody may change anything without: asked before, not after a refusal.
  if (scope === "admin" && tokens.admin === "" && (await ask("admin", false)) === "") {
    throw new ApiError(401, { detail: "nothing was done: this needs the admin token" });
  }
  let used = tokens[scope];
  let response = await call(scope, path, options);
  for (let tries = 0; response.status === 401 && tries < 2; tries++) {
    // Another call may have been given the right one meanwhile.
    if (tokens[scope] === used && (await ask(scope, used !== "")) === "") break;
    used = tokens[scope];
    response = await call(scope, path, options);
  }
  if (response.status === 401 && tokens[scope] === used) tokens[scope] = "";
  return response;
}

async function checked(response) {
  if (response.ok) return response;
  const text = await response.text();
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    problem = { detail: text.slice(0, 300) };
  }
  throw new ApiError(response.status, problem);
}

/** The JSON of a GET. */
export async function get(path, parameters = {}) {
  const response = await answered("read", path + query(parameters), {});
  return (await checked(response)).json();
}

/** A GET whose answer is text, with its ETag. */
export async function getText(path, parameters = {}) {
  const response = await checked(await answered("read", path + query(parameters), {}));
  return { text: await response.text(), etag: response.headers.get("ETag") };
}

/** The answer of a GET as it streams in. */
export async function open(path, signal) {
  return checked(await answered("read", path, { signal, headers: { Accept: "text/event-stream" } }));
}

/** A call that changes something (or computes from a body): `{type, body, scope, headers}`. */
export async function send(method, path, { type = "application/json", body = null, scope = "admin", headers = {} } = {}) {
  const all = body === null ? headers : { ...headers, "Content-Type": type };
  const response = await checked(await answered(scope, path, { method, body, headers: all }));
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

/** Readiness, which needs no token and tells what is wrong also when it is not 200. */
export async function readiness() {
  const response = await fetch("/health/ready", { cache: "no-store", credentials: "omit" });
  return response.json();
}
