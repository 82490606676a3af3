import postgres from "postgres";
import { preflight } from "../preflight.ts";
import { type Caller, type CallerKeys, createCallers, TokenRefused } from "./callers.ts";
import { Catalogue } from "./changes/catalogue.ts";
import { Dispatcher } from "./changes/dispatcher.ts";
import { startFeed } from "./changes/feed.ts";
import type { RowChange } from "./changes/pgoutput.ts";
import { closeCode, Connection } from "./connection.ts";
import { broadcastByHttp } from "./http-broadcast.ts";
import { Hub } from "./hub.ts";
import { Policies } from "./policies.ts";
import type { Server } from "./server.ts";

/** What the server needs to know. */
export interface RealtimeOptions extends CallerKeys {
  /** Connection string of the superuser, who decodes the log and asks policies as others. */
  url: string;
  report: (line: string) => void;
}

/** The platform's Realtime. */
export interface Realtime {
  /** Answers `/realtime/v1/…`. */
  fetch(request: Request): Promise<Response>;
  /** Closes all connections, whose clients reconnect, and the replication slot. */
  stop(): Promise<void>;
}

/** Connections that ask policies and the catalogue, beside the one that reads the log. */
const questionConnections = 4;

/** Messages are kept as long as on the platform. */
const messagesAreKept = "3 days";

/** Starts to follow the log and to take connections. */
export async function startRealtime(options: RealtimeOptions): Promise<Realtime> {
  const sql = postgres(options.url, {
    max: questionConnections,
    connection: { application_name: "agentbase realtime", statement_timeout: 10_000 },
    onnotice: () => {},
  });
  await sql`
    delete from realtime.messages
    where inserted_at < now() - ${messagesAreKept}::interval`;
  const policies = new Policies(sql);
  const catalogue = new Catalogue(sql);
  const dispatcher = new Dispatcher(sql, catalogue, policies);
  const hub = new Hub(policies);
  const connections = new Set<Connection>();
  const disconnect = (reason: string) => {
    for (const connection of connections) connection.close(closeCode.restart, reason);
  };
  const watch = await sql.listen("pgrst", () => catalogue.forget());
  const feed = await startFeed({
    url: options.url,
    prepare: (change) =>
      isMessage(change) ? prepareMessage(hub, change) : dispatcher.prepare(change),
    // Clients that connect again know that they may have missed something.
    onGap: () => disconnect("changes may have been missed"),
    report: options.report,
  });
  const callers = createCallers(options);
  const server: Server = { sql, callers, policies, catalogue, dispatcher, hub };
  return {
    fetch: async (request) => {
      if (request.method === "OPTIONS") return preflight(request);
      const response = await answer(server, connections, request);
      if (response.status !== 101) response.headers.set("access-control-allow-origin", "*");
      return response;
    },
    async stop() {
      disconnect("the server stops");
      await feed.stop();
      await watch.unlisten().catch(() => {});
      await sql.end({ timeout: 1 });
    },
  };
}

async function answer(
  server: Server,
  connections: Set<Connection>,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const isSocket = pathname === "/realtime/v1/websocket" && request.method === "GET";
  if (!isSocket && !(request.method === "POST" && isBroadcast(pathname))) {
    return Response.json({ error: `Nothing is at "${pathname}".` }, { status: 404 });
  }
  const caller = await callerOf(server, request);
  if (caller instanceof Response) return caller;
  return isSocket
    ? connect(server, connections, request, caller)
    : await broadcastByHttp(server, caller, request);
}

function isBroadcast(pathname: string): boolean {
  return /^\/realtime\/v1\/api\/broadcast(\/[^/]+\/events\/[^/]+)?$/.test(pathname);
}

/** Who asks: by the key of the project, or by a user's token in its place. */
async function callerOf({ callers }: Server, request: Request): Promise<Caller | Response> {
  const query = new URL(request.url).searchParams;
  const bearer = request.headers.get("authorization")?.replace(/^Bearer /i, "");
  const key = request.headers.get("x-api-key") ?? query.get("apikey") ??
    request.headers.get("apikey");
  const given = bearer?.includes(".") ? bearer : key ?? bearer;
  if (!given) return Response.json({ error: "API key is missing" }, { status: 401 });
  try {
    return await callers.ofKey(given);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    return Response.json({ error: error.message }, { status: 401 });
  }
}

function connect(
  server: Server,
  connections: Set<Connection>,
  request: Request,
  caller: Caller,
): Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return Response.json({ error: "This address accepts WebSocket connections only." }, {
      status: 426,
    });
  }
  const isOld = new URL(request.url).searchParams.get("vsn") === "1.0.0";
  const { socket, response } = Deno.upgradeWebSocket(request);
  const connection = new Connection(server, socket, isOld ? "1.0.0" : "2.0.0", caller);
  connections.add(connection);
  socket.onclose = () => {
    connections.delete(connection);
    connection.end();
  };
  // An error of a socket closes it.
  socket.onerror = () => {};
  return response;
}

function isMessage({ type, relation }: RowChange): boolean {
  return relation.schema === "realtime" && relation.table === "messages" && type === "INSERT";
}

/** Finds the recipients of a message that the database wrote. @returns sends it. */
async function prepareMessage(hub: Hub, { row }: RowChange): Promise<() => void> {
  const topic = row?.get("topic");
  const event = row?.get("event");
  if (!topic || !event) return () => {};
  return await hub.prepare({
    topic,
    isPrivate: row?.get("private") === "t",
    broadcast: {
      type: "broadcast",
      event,
      payload: JSON.parse(row?.get("payload") ?? "{}"),
      meta: { id: row?.get("id") },
    },
  });
}
