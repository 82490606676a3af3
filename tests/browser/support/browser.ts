import { join } from "node:path";

/** How a page is looked at. */
export interface Looks {
  /** Width of the window in CSS pixels. */
  width: number;
  scheme: "light" | "dark";
}

/** A page in the browser. */
export interface Page {
  /** What an expression comes to in the page; it must be possible as JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** What the browser complained about: console, exceptions, policy, requests that failed. */
  complaints: string[];
  /** What the page asked the network for. */
  requests: string[];
  /** A picture of the whole page, PNG. */
  picture(): Promise<Uint8Array>;
  /** Loads the page again, or another one in its place. */
  go(url: string): Promise<void>;
  /** Presses and releases a key, such as `Tab` or `Enter`. */
  press(key: string): Promise<void>;
  /** Writes a text where the focus is. */
  type(text: string): Promise<void>;
}

/** A headless browser of its own, with nothing remembered. */
export interface Browser extends AsyncDisposable {
  open(url: string, looks: Looks): Promise<Page>;
}

/** Height of the window in CSS pixels. */
const height = 800;

/** What keys are to the browser. */
const KEY_CODES: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, Escape: 27 };

/** Time the browser gets to start or to show a page, in milliseconds. */
const patience = 30_000;

/** Starts the Chromium that CHROMIUM names. */
export async function startBrowser(): Promise<Browser> {
  const program = Deno.env.get("CHROMIUM");
  if (program === undefined) throw new Error("Run it with: npm test -- --only browser");
  const folder = await Deno.makeTempDir({ prefix: "agentbase-browser-" });
  const child = new Deno.Command(program, {
    args: [
      "--headless=new",
      // Root may not have one, and the pages are our own.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--hide-scrollbars",
      "--no-first-run",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
    ],
    env: { HOME: folder },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const address = await debuggingAddress(child.stderr);
  const tools = await connect(address);
  return {
    open: (url, looks) => openPage(tools, url, looks),
    async [Symbol.asyncDispose]() {
      await tools.send("Browser.close").catch(() => {});
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Reads where the browser listens, and goes on reading so that it can go on writing. */
async function debuggingAddress(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const found = Promise.withResolvers<string>();
  const timer = setTimeout(() => found.reject(new Error("Chromium does not start")), patience);
  (async () => {
    let said = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said += text;
      const address = said.match(/DevTools listening on (ws:\S+)/)?.[1];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`Chromium ended: ${said.slice(-500)}`));
  })();
  return await found.promise.finally(() => clearTimeout(timer));
}

/** A connection in the DevTools protocol. */
interface Tools {
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>;
  /** Calls back with every event of a session. */
  listen(sessionId: string, heard: (method: string, params: Record<string, unknown>) => void): void;
}

async function connect(address: string): Promise<Tools> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  const listeners = new Map<string, (method: string, params: Record<string, unknown>) => void>();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error, sessionId } = JSON.parse(data);
    if (id === undefined) return listeners.get(sessionId)?.(method, params);
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  };
  socket.onclose = () => {
    for (const { reject } of waiting.values()) reject(new Error("Chromium has gone"));
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return {
    send(method, params = {}, sessionId) {
      const answer = Promise.withResolvers<Record<string, unknown>>();
      waiting.set(++last, answer);
      socket.send(JSON.stringify({ id: last, method, params, sessionId }));
      return answer.promise;
    },
    listen: (sessionId, heard) => void listeners.set(sessionId, heard),
  };
}

async function openPage(tools: Tools, url: string, { width, scheme }: Looks): Promise<Page> {
  const { targetId } = await tools.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await tools.send("Target.attachToTarget", { targetId, flatten: true });
  const session = String(sessionId);
  const send = (method: string, params?: object) => tools.send(method, params, session);
  const complaints: string[] = [];
  const requests: string[] = [];
  let loaded = Promise.withResolvers<void>();
  tools.listen(session, (method, params) => {
    const said = JSON.stringify(params);
    if (method === "Runtime.exceptionThrown" || method === "Runtime.consoleAPICalled") {
      complaints.push(said);
    }
    // Chromium's own advice about the page, its content policy and its requests.
    if (method === "Log.entryAdded" || method === "Network.loadingFailed") complaints.push(said);
    if (method === "Network.requestWillBeSent") requests.push(said);
    if (method === "Page.loadEventFired") loaded.resolve();
  });
  for (const domain of ["Runtime", "Log", "Network", "Page"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: width < 600,
  });
  await send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  async function go(address: string): Promise<void> {
    loaded = Promise.withResolvers<void>();
    const timer = setTimeout(() => loaded.reject(new Error(`${address} does not load`)), patience);
    await send("Page.navigate", { url: address });
    await loaded.promise.finally(() => clearTimeout(timer));
  }
  await go(url);

  return {
    go,
    complaints,
    requests,
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      // SAFETY: the protocol's RemoteObject, whose value is asked for by value.
      return (result as { value?: unknown }).value;
    },
    async press(key) {
      const code = KEY_CODES[key] ?? 0;
      const event = { key, code: key, windowsVirtualKeyCode: code };
      const text = key === "Enter" ? { text: "\r" } : {};
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...event, ...text });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    },
    async type(text) {
      await send("Input.insertText", { text });
    },
    async picture() {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      return Uint8Array.from(atob(String(data)), (character) => character.charCodeAt(0));
    },
  };
}

/** The address of a page that is written to a file of its own. */
export async function fileUrl(text: string): Promise<string> {
  const file = join(await Deno.makeTempDir({ prefix: "agentbase-page-" }), "page.html");
  await Deno.writeTextFile(file, text);
  return `file://${file}`;
}
