import { open } from "./api.js";
import { forget, hear, now } from "./clock.js";

/**
 * The event stream of the sidecar, read with fetch so that a token can go along in a header. It reconnects by itself;
 * `state` is "connecting", "live" or "lost".
 */
export class Live extends EventTarget {
  static #FIRST_PAUSE_MS = 500;
  static #LONGEST_PAUSE_MS = 8000;
  /** The sidecar says something at least every ten seconds. */
  static #LONGEST_SILENCE_MS = 25_000;

  state = "connecting";
  /** When the last byte came, by this machine's clock. */
  heardAt = null;
  /** When the sidecar last took a sample, by its own clock. */
  receivedAt = null;
  lostSince = null;
  reason = "";
  #pause = Live.#FIRST_PAUSE_MS;

  async run() {
    for (;;) {
      const silence = new AbortController();
      try {
        await this.#read(await open("/api/v1/stream", silence.signal), silence);
        this.#lose("the stream ended");
      } catch (failure) {
        this.#lose(failure.message);
      }
      await new Promise((done) => setTimeout(done, this.#pause));
      this.#pause = Math.min(Live.#LONGEST_PAUSE_MS, this.#pause * 2);
    }
  }

  async #read(response, silence) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const watch = setInterval(() => {
      if (Date.now() - this.heardAt > Live.#LONGEST_SILENCE_MS) silence.abort();
    }, 1000);
    this.heardAt = Date.now();
    forget();
    this.#become("live");
    this.#pause = Live.#FIRST_PAUSE_MS;
    let text = "";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        this.heardAt = Date.now();
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        blocks.forEach((block) => this.#tell(block));
      }
    } finally {
      clearInterval(watch);
    }
  }

  #tell(block) {
    let name = "message";
    const data = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
    }
    if (data.length === 0) return;
    const detail = JSON.parse(data.join("\n"));
    if (name === "gpu") hear(detail.at);
    if (name === "window" && detail.received_at) this.receivedAt = Date.parse(detail.received_at);
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #lose(reason) {
    this.reason = reason;
    if (this.state !== "lost") this.lostSince = now();
    this.#become("lost");
  }

  #become(state) {
    const before = this.state;
    this.state = state;
    if (before !== state) this.dispatchEvent(new CustomEvent("state", { detail: { state, before } }));
  }

  /** Listens until the signal of a page that goes away. */
  on(name, listener, signal) {
    this.addEventListener(name, (event) => listener(event.detail), { signal });
  }
}
