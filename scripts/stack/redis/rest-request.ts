import { Buffer } from "node:buffer";
import { z } from "zod";
import type { RedisCommand } from "./connection.ts";

/** What a request of the REST form asks for. */
export type RestRequest =
  | { kind: "command"; command: RedisCommand }
  | { kind: "pipeline"; commands: RedisCommand[] }
  | { kind: "transaction"; commands: RedisCommand[] };

/** A request that is answered with an error before Redis sees any of it. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What Upstash takes in one request. */
const maxBytes = 10 * 1024 * 1024;

/** Numbers and booleans are text to Redis. */
const commandSchema = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String))
  .min(1);

/**
 * Commands that change what the connection is, or keep it: it is one for all callers. Upstash offers
 * none of them over REST either.
 */
const unavailable = new Set(
  ("multi exec discard watch unwatch subscribe psubscribe ssubscribe unsubscribe punsubscribe " +
    "sunsubscribe monitor blpop brpop brpoplpush blmove blmpop bzpopmin bzpopmax bzmpop wait waitaof " +
    "select auth hello reset quit client shutdown replicaof slaveof sync psync debug module config")
    .split(" "),
);

/**
 * Reads a request of the REST form.
 *
 * @throws {RestError} when it is none.
 */
export async function parseRestRequest(request: Request): Promise<RestRequest> {
  if (!["GET", "HEAD", "POST", "PUT"].includes(request.method)) {
    throw new RestError(405, `ERR method ${request.method} is not allowed`);
  }
  const url = new URL(request.url);
  const body = await readBody(request);
  switch (url.pathname) {
    case "/":
      return { kind: "command", command: checked(parse(commandSchema, body)) };
    case "/pipeline":
      return { kind: "pipeline", commands: parse(z.array(commandSchema), body) };
    case "/multi-exec":
      return { kind: "transaction", commands: parse(z.array(commandSchema), body).map(checked) };
    default:
      return { kind: "command", command: checked(commandInPath(url, body)) };
  }
}

/**
 * The command itself, when it may be sent.
 *
 * @throws {RestError} when it is one that only a connection of its own can have.
 */
export function checked(command: RedisCommand): RedisCommand {
  const name = String(command[0]);
  if (unavailable.has(name.toLowerCase())) {
    throw new RestError(400, `ERR command is not available over REST: '${name}'`);
  }
  return command;
}

/** `/set/key?EX=100` with the value as its body: path, then body, then query. */
function commandInPath(url: URL, body: Uint8Array): RedisCommand {
  const parts = url.pathname.slice(1).replace(/\/$/, "").split("/").map(decode);
  const options = [...url.searchParams].flat().filter((word) => word !== "");
  return [...parts, ...body.length > 0 ? [body] : [], ...options];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RestError(400, "ERR failed to parse the path");
  }
}

function parse<Value>(schema: z.ZodType<Value>, body: Uint8Array): Value {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    throw new RestError(400, "ERR failed to parse the command: expected a JSON array of it");
  }
}

async function readBody(request: Request): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > maxBytes) {
      throw new RestError(400, `ERR max request size exceeded: limit is ${maxBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
