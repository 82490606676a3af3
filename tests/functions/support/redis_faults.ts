import type { TestRedis } from "./redis.ts";

/** A fault of the network between the functions and Redis. */
export type NetworkFault =
  | "none"
  /** Requests arrive, answers do not. */
  | "silence"
  /** Requests arrive, the connection breaks instead of the answer. */
  | "drop"
  /** Requests arrive, and are answered with something else. */
  | "lie"
  /** Answers come this many milliseconds late. */
  | { delay: number };

/** A proxy in front of a Redis that can inject faults. */
export interface FaultyWay extends AsyncDisposable {
  /** The environment variables of the functions. */
  variables: ReadonlyMap<string, string>;
  fault: NetworkFault;
  /** The number of opened connections. */
  connections: number;
  /** Forwards to another Redis from now on. */
  leadTo(restUrl: string): void;
}

const LIE = new TextEncoder().encode(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 22\r\nconnection: close\r\n\r\n{"result":"certainly"}',
);

/** Puts a TCP proxy in front of a Redis. */
export function startFaultyWay(redis: TestRedis): FaultyWay {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let target = Number(new URL(redis.restUrl).port);
  const open = new Set<Deno.TcpConn>();

  async function serve(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
    open.add(client).add(server);
    const there = client.readable.pipeTo(server.writable).catch(() => {});
    const writer = client.writable.getWriter();
    try {
      for await (const bytes of server.readable) {
        if (way.fault === "drop") break;
        if (way.fault === "silence") continue;
        if (way.fault === "lie") {
          await writer.write(LIE);
          break;
        }
        if (typeof way.fault === "object") await pause(way.fault.delay);
        await writer.write(bytes);
      }
    } catch {
      // The other side has closed the connection.
    }
    for (const side of [client, server]) {
      close(side);
      open.delete(side);
    }
    await there;
  }

  async function listen(): Promise<void> {
    for await (const client of listener) {
      way.connections++;
      serve(client).catch(() => close(client));
    }
  }

  const way: FaultyWay = {
    variables: new Map([
      ...redis.variables,
      ["UPSTASH_REDIS_REST_URL", `http://127.0.0.1:${listener.addr.port}`],
    ]),
    fault: "none",
    connections: 0,
    leadTo: (restUrl) => void (target = Number(new URL(restUrl).port)),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const side of open) close(side);
      await listening;
    },
  };
  const listening = listen();
  return way;
}

/** A server whose answers do not depend on the requests. */
export interface Liar extends AsyncDisposable {
  variables: ReadonlyMap<string, string>;
  /** The number of requests. */
  asked: number;
}

/** Starts a server in place of a Redis. */
export function startLiar(answer: string | ((asked: string) => string), status = 200): Liar {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, async (request) => {
    liar.asked++;
    const asked = await request.text();
    return new Response(typeof answer === "string" ? answer : answer(asked), { status });
  });
  const liar: Liar = {
    variables: new Map([
      ["UPSTASH_REDIS_REST_URL", `http://127.0.0.1:${server.addr.port}`],
      ["UPSTASH_REDIS_REST_TOKEN", "token"],
    ]),
    asked: 0,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return liar;
}

/** Waits until a condition holds. @throws if it does not within a minute. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${holds}`);
    await pause(5);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}
