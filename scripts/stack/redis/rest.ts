import { Buffer } from "node:buffer";
import { ErrorReply } from "@redis/client";
import type { RedisCommand, RedisConnection, RedisReply } from "./connection.ts";
import { checked, parseRestRequest, RestError } from "./rest-request.ts";
import { createScriptTranslator } from "./scripts.ts";

/** What the REST form of a Redis needs. */
export interface RedisRestOptions {
  connection: RedisConnection;
  /** What a caller must send as `Authorization: Bearer <token>`. */
  token: string;
  /** TCP port on 127.0.0.1. @default a free one */
  port?: number;
}

/** A Redis that is spoken to over HTTP, as Upstash offers it. */
export interface RedisRest {
  url: string;
  stop(): Promise<void>;
}

/** The answer to one command, as JSON. */
type Result = { result: Value } | { error: string };
type Value = string | number | null | Value[];

/**
 * Serves a Redis in Upstash's REST form: one command at `/` or in the path, several at `/pipeline`,
 * and several as one transaction at `/multi-exec`.
 */
export function startRedisRest({ connection, token, port = 0 }: RedisRestOptions): RedisRest {
  const translate = createScriptTranslator();

  async function run(command: RedisCommand): Promise<RedisReply> {
    const [reply] = await connection.send([translate(command)]);
    return reply ?? null;
  }

  async function runAlone(command: RedisCommand): Promise<RedisReply> {
    try {
      return await run(checked(command));
    } catch (error) {
      if (error instanceof RestError) return new ErrorReply(error.message);
      throw error;
    }
  }

  /** One piece on one connection: Redis runs no other command between them. */
  async function runTransaction(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    const replies = await connection.send([["MULTI"], ...commands.map(translate), ["EXEC"]]);
    const outcome = replies.at(-1);
    if (Array.isArray(outcome)) return outcome;
    const cause = replies.find((reply) => reply instanceof ErrorReply);
    throw new RestError(400, cause?.message ?? "EXECABORT Transaction discarded");
  }

  async function answer(request: Request): Promise<Result | Result[]> {
    if (request.headers.get("authorization") !== `Bearer ${token}`) {
      throw new RestError(401, "Unauthorized");
    }
    const isEncoded = request.headers.get("upstash-encoding") === "base64";
    const asResult = (reply: RedisReply) => toResult(reply, isEncoded);
    const asked = await parseRestRequest(request);
    if (asked.kind === "pipeline") {
      return await Promise.all(asked.commands.map(async (one) => asResult(await runAlone(one))));
    }
    if (asked.kind === "transaction") return (await runTransaction(asked.commands)).map(asResult);
    const reply = await run(asked.command);
    if (reply instanceof ErrorReply) throw new RestError(400, reply.message);
    return asResult(reply);
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      try {
        return Response.json(await answer(request));
      } catch (error) {
        if (error instanceof RestError) {
          return Response.json({ error: error.message }, { status: error.status });
        }
        return Response.json({ error: "ERR Redis cannot be reached" }, { status: 500 });
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}

/** Encoded, every text is base64 except the status `OK`; errors and numbers stay as they are. */
function toResult(reply: RedisReply, isEncoded: boolean): Result {
  return reply instanceof ErrorReply
    ? { error: reply.message }
    : { result: toValue(reply, isEncoded) };
}

function toValue(reply: RedisReply, isEncoded: boolean): Value {
  if (reply === null || typeof reply === "number") return reply;
  if (Array.isArray(reply)) return reply.map((item) => toValue(item, isEncoded));
  if (reply instanceof ErrorReply) return reply.message;
  if (!isEncoded || reply === "OK") return reply.toString();
  return Buffer.from(reply).toString("base64");
}
