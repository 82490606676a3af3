import { Buffer } from "node:buffer";
import { createClient, ErrorReply, RESP_TYPES } from "@redis/client";

/** A command: its name and its arguments. Text goes out as UTF-8, bytes as they are. */
export type RedisCommand = readonly (string | Uint8Array)[];

/** What Redis answers to one command. A status is text and a string is bytes, which REST tells apart. */
export type RedisReply = string | Buffer | number | null | ErrorReply | RedisReply[];

/** A connection to Redis that opens when it is first needed, and again after it broke. */
export interface RedisConnection {
  /**
   * Sends commands in one piece: no other command of this connection gets between them.
   *
   * @returns one reply for each command; errors of Redis are replies.
   * @throws when Redis cannot be reached or the connection breaks. The commands may have been applied.
   */
  send(commands: readonly RedisCommand[]): Promise<RedisReply[]>;
  /** Ends the connection. A later command opens it again. */
  close(): void;
}

type Client = ReturnType<typeof clientOf>;

/** Connects to the Redis at an address, such as `redis://:password@127.0.0.1:6379`. */
export function connectRedis(url: string): RedisConnection {
  let current: Promise<Client> | undefined;

  function open(): Promise<Client> {
    const client = clientOf(url);
    const opening = client.connect();
    const forget = () => {
      if (current === opening) current = undefined;
    };
    // What is under way is rejected with the same error.
    client.on("error", forget);
    opening.catch(forget);
    return opening;
  }

  return {
    async send(commands) {
      const client = await (current ??= open());
      // Nothing is awaited between them, so that they leave together and in this order.
      return await Promise.all(commands.map((command) => sendOne(client, command)));
    },
    close() {
      current?.then((client) => client.destroy(), () => {});
      current = undefined;
    },
  };
}

function clientOf(url: string) {
  return createClient({
    url,
    RESP: 2,
    socket: { reconnectStrategy: false },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

async function sendOne(client: Client, command: RedisCommand): Promise<RedisReply> {
  const parts = command.map((part) => typeof part === "string" ? part : Buffer.from(part));
  try {
    return await client.sendCommand<RedisReply>(parts);
  } catch (error) {
    if (error instanceof ErrorReply) return error;
    throw error;
  }
}
