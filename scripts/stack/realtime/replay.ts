import type postgres from "postgres";
import { z } from "zod";
import type { Broadcast } from "./frames.ts";

/** Messages that are repeated at most, as on the platform. */
const most = 25;

/** What a client asks to be repeated when it joins. */
export const replaySchema = z.object({
  /** Milliseconds since 1970. */
  since: z.int().nonnegative().max(Date.UTC(2200)),
  limit: z.int().nullish().transform((limit) => Math.min(Math.max(limit ?? most, 1), most)),
});

/** What a client asks to be repeated when it joins. */
export type Replay = z.infer<typeof replaySchema>;

/** A message that is sent again. */
export type Replayed = Broadcast & { meta: { id: string; replayed: true } };

const rowsSchema = z.array(z.object({
  id: z.uuid(),
  event: z.string().nullable(),
  payload: z.unknown(),
}));

/** The latest messages that the database sent on a private channel, oldest first. */
export async function readReplay(
  sql: postgres.Sql,
  topic: string,
  { since, limit }: Replay,
): Promise<Replayed[]> {
  const rows = await sql`
    select id, event, payload from realtime.messages
    where messages.topic = ${topic} and messages.private and messages.extension = 'broadcast'
      and messages.inserted_at >= to_timestamp(${since}::float8 / 1000) at time zone 'UTC'
    order by messages.inserted_at desc
    limit ${limit}`;
  return rowsSchema.parse(rows).reverse().map(({ id, event, payload }) => ({
    type: "broadcast",
    event: event ?? "",
    payload,
    meta: { id, replayed: true },
  }));
}
