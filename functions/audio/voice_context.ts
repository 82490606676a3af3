import type { Caller } from "../_shared/auth/caller.ts";
import type { TurnDeps } from "../_shared/gateway/run_turn.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import type { Recordings } from "../_shared/net/storage.ts";
import type { AudioDatabase } from "./db.ts";
import type { VoiceTurnBody } from "./voice_schema.ts";

/** The dependencies of a voice turn. */
export interface VoiceDeps extends TurnDeps {
  audioDatabase: Pick<AudioDatabase, "beginVoiceTurn" | "endVoiceTurn">;
  recordings: Pick<Recordings, "store">;
}

/** The request of a voice turn, its caller and its dependencies. */
export interface VoiceContext {
  body: VoiceTurnBody;
  caller: Caller;
  context: RequestContext;
  deps: VoiceDeps;
  /** The request's `Idempotency-Key`; null for none. */
  key: string | null;
  /** The headers that name the execution of a workflow, to which each part of the turn belongs. */
  execution: Record<string, string>;
  /** Aborts when the client has disconnected: then no further piece is spoken. */
  left: AbortSignal;
}
