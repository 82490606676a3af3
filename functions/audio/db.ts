import { z } from "zod";
import { asJson } from "../_shared/database/client.ts";
import { type SqlCaller } from "../_shared/database/sql_caller.ts";

/** The database calls of the function. */
export interface AudioDatabase {
  /** Takes recordings that are to be deleted: paths in the bucket. */
  claimRecordings(batch: number): Promise<string[]>;
  /** Records that they are deleted. */
  recordDeleted(paths: readonly string[]): Promise<void>;
}

/** The calls. */
export function audioDatabase(call: SqlCaller): AudioDatabase {
  return {
    claimRecordings: (batch) => call("claim_recordings_to_delete", { batch }, z.array(z.string())),
    recordDeleted: async (paths) => {
      await call("record_deleted_recordings", { paths: asJson(paths) }, z.int());
    },
  };
}
