import { z } from "zod";

const flag = z.boolean().nullish().transform((value) => value ?? false);

const change = z.looseObject({
  event: z.string().nullish(),
  schema: z.string().nullish(),
  table: z.string().nullish(),
  filter: z.string().nullish(),
  select: z.array(z.string()).nullish(),
});

const schema = z.object({
  config: z.object({
    broadcast: z.object({ ack: flag, self: flag, replay: z.unknown().optional() }).nullish()
      .transform((value) => value ?? { ack: false, self: false, replay: null }),
    presence: z.object({ key: z.string().nullish(), enabled: flag }).nullish()
      .transform((value) => ({ key: value?.key ?? "", enabled: value?.enabled ?? false })),
    postgres_changes: z.array(change).nullish().transform((value) => value ?? []),
    private: flag,
  }).nullish(),
  access_token: z.string().nullish(),
});

/** An entry of `postgres_changes`, as the client wrote it. */
export type ChangeRequest = z.infer<typeof change>;

/** Why a client may not join a channel. */
export class JoinRefused extends Error {
  override name = "JoinRefused";
}

/** What a client asks for when it joins a channel. */
export interface JoinRequest {
  broadcast: {
    ack: boolean;
    self: boolean;
    /** As the client wrote it; absent for nothing. */
    replay?: unknown;
  };
  presence: { key: string; enabled: boolean };
  changes: ChangeRequest[];
  isPrivate: boolean;
  token: string | null;
}

/** Reads the payload of `phx_join`. @returns null if it is not valid. */
export function readJoin(payload: unknown): JoinRequest | null {
  const parsed = schema.safeParse(payload ?? {});
  if (!parsed.success) return null;
  const { config, access_token } = parsed.data;
  return {
    broadcast: config?.broadcast ?? { ack: false, self: false, replay: null },
    presence: config?.presence ?? { key: "", enabled: false },
    changes: config?.postgres_changes ?? [],
    isPrivate: config?.private ?? false,
    token: access_token ?? null,
  };
}
