/** The part of a connection that an exchange uses. */
export interface Connection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
}

/** An answer that violates HTTP/1.1, or is too large. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  readonly reason: "unreadable" | "too_large";

  constructor(reason: "unreadable" | "too_large", message: string) {
    super(message);
    this.reason = reason;
  }
}

const MAX_HEAD_BYTES = 64 * 1024;
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Sends one request over a connection that is not reused, and reads the whole answer.
 *
 * `fetch` resolves the address itself; connecting to a verified address needs a separate client.
 * This is the required part of HTTP/1.1: no keep-alive, no compression.
 *
 * @param maxBytes Bytes that the body of the answer may have; null leaves it unread.
 * @throws {ExchangeError}
 */
export async function exchangeHttp(
  connection: Connection,
  request: Request,
  maxBytes: number | null,
): Promise<Response> {
  await send(connection, request);
  const input = createInput(connection);
  let head = await readHead(input);
  while (head.status < 200) head = await readHead(input);
  const { status, headers } = head;
  if (maxBytes === null || request.method === "HEAD" || NO_BODY.has(status)) {
    return new Response(null, { status, headers });
  }
  return new Response(await readBody(input, headers, maxBytes), { status, headers });
}

async function send(connection: Connection, request: Request): Promise<void> {
  const { host, pathname, search } = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const headers = new Headers(request.headers);
  headers.set("host", host);
  headers.set("connection", "close");
  headers.set("accept-encoding", "identity");
  if (body.length > 0 || request.method === "POST") {
    headers.set("content-length", String(body.length));
  }
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const head = [`${request.method} ${pathname}${search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  await writeAll(connection, new TextEncoder().encode(head));
  await writeAll(connection, body);
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** Reads the connection by lines and by numbers of bytes. */
interface Input {
  /** The next line without its end. */
  line(): Promise<string>;
  /** The next bytes that are available; null at the end. */
  some(atMost: number): Promise<Uint8Array | null>;
}

function createInput(connection: Connection): Input {
  const buffer = new Uint8Array(16 * 1024);
  let waiting = buffer.subarray(0, 0);

  async function fill(): Promise<boolean> {
    if (waiting.length > 0) return true;
    const length = await connection.read(buffer);
    waiting = buffer.subarray(0, length ?? 0);
    return waiting.length > 0;
  }

  return {
    async line() {
      let text = "";
      while (await fill()) {
        const end = waiting.indexOf(0x0a);
        const part = end < 0 ? waiting : waiting.subarray(0, end);
        for (const byte of part) text += String.fromCharCode(byte);
        waiting = end < 0 ? waiting.subarray(waiting.length) : waiting.subarray(end + 1);
        if (text.length > MAX_HEAD_BYTES) throw unreadable("a line does not end");
        if (end >= 0) return text.replace(/\r$/, "");
      }
      throw unreadable("it ends in the middle of a line");
    },
    async some(atMost) {
      if (!await fill()) return null;
      const part = waiting.slice(0, atMost);
      waiting = waiting.subarray(part.length);
      return part;
    },
  };
}

async function readHead(input: Input): Promise<{ status: number; headers: Headers }> {
  const status = (await input.line()).match(/^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/)?.[1];
  if (!status) throw unreadable("it does not begin as HTTP/1.1");
  const headers = new Headers();
  let length = 0;
  for (let line = await input.line(); line !== ""; line = await input.line()) {
    length += line.length;
    const [, name, value] = line.match(/^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/) ?? [];
    if (!name || value === undefined || value.includes("\0") || length > MAX_HEAD_BYTES) {
      throw unreadable("its head cannot be read");
    }
    headers.append(name, value);
  }
  return { status: Number(status), headers };
}

async function readBody(
  input: Input,
  headers: Headers,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  /** Reads this many bytes of the body; Infinity for all until the connection ends. */
  const take = async (count: number) => {
    if (size + count > maxBytes && count !== Infinity) throw tooLarge(maxBytes);
    while (count > 0) {
      const part = await input.some(Math.min(count, maxBytes + 1));
      if (part === null && count === Infinity) return;
      if (part === null) throw unreadable("it ends before its body does");
      size += part.length;
      count -= part.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      parts.push(part);
    }
  };

  const length = headers.get("content-length");
  if (/\bchunked$/i.test(headers.get("transfer-encoding") ?? "")) {
    for (let count = await chunkSize(input); count > 0; count = await chunkSize(input)) {
      await take(count);
      if (await input.line() !== "") throw unreadable("a chunk is longer than it says");
    }
  } else if (length === null) {
    await take(Infinity);
  } else {
    if (!/^\d{1,15}$/.test(length)) throw unreadable("its length is no number");
    await take(Number(length));
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    body.set(part, offset);
    offset += part.length;
  }
  return body;
}

async function chunkSize(input: Input): Promise<number> {
  const digits = (await input.line()).match(/^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i)?.[1];
  if (!digits) throw unreadable("a chunk has no size");
  return parseInt(digits, 16);
}

function unreadable(what: string): ExchangeError {
  return new ExchangeError("unreadable", `Cannot read the answer: ${what}.`);
}

function tooLarge(maxBytes: number): ExchangeError {
  return new ExchangeError("too_large", `Cannot read the answer: it has over ${maxBytes} bytes.`);
}
