import type postgres from "postgres";
import { z } from "zod";
import type { Broadcast } from "./frames.ts";
import { JoinRefused } from "./join-request.ts";

/** Messages that are replayed at most, as on the platform. */
const most = 25;

/** What a client asks to be replayed when it joins. */
const replaySchema = z.object({
  /** Milliseconds since 1970. */
  since: z.int().nonnegative().max(Date.UTC(2200)),
  limit: z.int().nullish().transform((limit) => Math.min(Math.max(limit ?? most, 1), most)),
});

/** A message that is sent again. */
export type Replayed = Broadcast & { meta: { id: string; replayed: true } };

const rowsSchema = z.array(z.object({
  id: z.uuid(),
  event: z.string().nullable(),
  payload: z.unknown(),
}));

/**
 * The messages of a private channel that a joining client asks for, as it wrote it: the latest that the
 * database sent, oldest first.
 *
 * @throws {JoinRefused} if the channel is public or the request is not valid.
 */
export async function readReplay(
  sql: postgres.Sql,
  { name, isPrivate }: { name: string; isPrivate: boolean },
  asked: unknown,
): Promise<Replayed[]> {
  if (asked === undefined || asked === null) return [];
  const refuse = (reason: string) => new JoinRefused(`UnableToReplayMessages: ${reason}`);
  if (!isPrivate) throw refuse("Replay is not allowed for public channels");
  const parsed = replaySchema.safeParse(asked);
  if (!parsed.success) throw refuse("Replay params are not valid");
  const { since, limit } = parsed.data;
  const rows = await sql`
    select id, event, payload from realtime.messages
    where messages.topic = ${name} and messages.private and messages.extension = 'broadcast'
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
