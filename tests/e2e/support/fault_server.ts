import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";

/** A received request, including its body. */
export interface FaultRequest {
  method: string;
  path: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * The server's end of a connection, at the level of bytes. Writing to a closed one does nothing.
 */
export interface Wire {
  /** Writes bytes as they are, valid HTTP or not. */
  raw(bytes: Uint8Array): void;
  /** Writes the status line and headers of a chunked answer, whose end can be told from a cut. */
  head(status: number, headers: Record<string, string>): void;
  /** Writes a part of the body. */
  write(bytes: Uint8Array): void;
  /** Ends the body properly. */
  end(): void;
  /** Closes the connection without an end of the body. */
  cut(): void;
  /** Resets the connection. */
  reset(): void;
  /** Aborts when the client disconnects. */
  gone: AbortSignal;
}

/** A server that is listening. */
export interface FaultServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  url: string;
}

/**
 * Starts an HTTP server on loopback that treats each connection as `answer` says, also with invalid
 * HTTP, which a server library would not allow. One request per connection.
 */
export async function startFaultServer(
  answer: (request: FaultRequest, wire: Wire) => Promise<void>,
  port = 0,
): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const left = new AbortController();
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      left.abort();
    });
    receive(socket, (request) => {
      answer(request, wireOf(socket, left.signal)).catch(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot find the port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Waits, but no longer than the client is connected. */
export async function pause(milliseconds: number, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    gone.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function wireOf(socket: Socket, gone: AbortSignal): Wire {
  const raw = (bytes: Uint8Array) => void (socket.writable && socket.write(bytes));
  return {
    raw,
    head(status, headers) {
      const lines = Object.entries({
        ...headers,
        "transfer-encoding": "chunked",
        "connection": "close",
      }).map(([name, value]) => `${name}: ${value}\r\n`);
      raw(Buffer.from(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`));
    },
    write(bytes) {
      if (bytes.length === 0) return;
      raw(Buffer.from(`${bytes.length.toString(16)}\r\n`));
      raw(bytes);
      raw(Buffer.from("\r\n"));
    },
    end() {
      raw(Buffer.from("0\r\n\r\n"));
      socket.end();
    },
    cut: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    gone,
  };
}

/** Reads one request: the head, and as much body as its content-length says. */
function receive(socket: Socket, take: (request: FaultRequest) => void): void {
  let received = Buffer.alloc(0);
  let taken = false;
  socket.on("data", (bytes: Uint8Array) => {
    received = Buffer.concat([received, bytes]);
    const end = received.indexOf("\r\n\r\n");
    if (end < 0 || taken) return;
    const [first = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
    const headers = new Headers(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }));
    const length = Number(headers.get("content-length") ?? 0);
    if (received.length < end + 4 + length) return;
    taken = true;
    const [method = "", path = ""] = first.split(" ");
    const body = new Uint8Array(received.subarray(end + 4, end + 4 + length));
    take({ method, path, headers, body });
  });
}
