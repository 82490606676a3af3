import { createReplyReader, encodeCommands, type RedisCommand, type RedisReply } from "./resp.ts";

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

type Waiting = PromiseWithResolvers<RedisReply>;

interface Line {
  connection: Deno.TcpConn;
  writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  waiting: Waiting[];
}

/** Connects to the Redis on a port of 127.0.0.1. */
export function connectRedis(port: number): RedisConnection {
  let current: Promise<Line> | undefined;

  function open(): Promise<Line> {
    const opening = openLine(port, () => {
      if (current === opening) current = undefined;
    });
    opening.catch(() => {
      if (current === opening) current = undefined;
    });
    return opening;
  }

  return {
    async send(commands) {
      current ??= open();
      const line = await current;
      // Nothing is awaited between the two, so that replies keep the order of commands.
      const mine = commands.map(() => Promise.withResolvers<RedisReply>());
      line.waiting.push(...mine);
      const written = line.writer.write(encodeCommands(commands));
      const [replies] = await Promise.all([Promise.all(mine.map((one) => one.promise)), written]);
      return replies;
    },
    close() {
      current?.then((line) => line.connection.close(), () => {});
      current = undefined;
    },
  };
}

async function openLine(port: number, onEnd: () => void): Promise<Line> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay();
  const line: Line = { connection, writer: connection.writable.getWriter(), waiting: [] };
  readReplies(line).catch((error) => {
    onEnd();
    for (const one of line.waiting.splice(0)) one.reject(error);
    try {
      connection.close();
    } catch {
      // It was closed already.
    }
  });
  return line;
}

/** Hands each reply to the command that waits longest, until the connection ends. */
async function readReplies({ connection, waiting }: Line): Promise<never> {
  const readReply = createReplyReader(connection.readable);
  while (true) {
    const reply = await readReply();
    const next = waiting.shift();
    if (next === undefined) throw new Error("Cannot place a reply of Redis: nobody asked");
    next.resolve(reply);
  }
}
