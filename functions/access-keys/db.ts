import type { AccessKeySecret } from "../_shared/auth/access_key.ts";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import { type AccessKey, accessKeySchema, type NewKey, type Rotation } from "./schema.ts";

/** The values that are stored for a secret, without the secret itself. */
export type StoredSecret = Omit<AccessKeySecret, "secret">;

/** The database calls of the access-keys function. */
export interface AccessKeysDatabase {
  /** Stores a new key of a person. */
  create(userId: string, key: NewKey, secret: StoredSecret): Promise<AccessKey>;
  /** Stores another secret for a key of a person. */
  rotate(userId: string, id: string, how: Rotation, secret: StoredSecret): Promise<AccessKey>;
}

/** The calls. */
export function accessKeysDatabase(call: SqlCaller): AccessKeysDatabase {
  return {
    create: (userId, key, secret) =>
      call("create_access_key", {
        caller: { user_id: userId },
        request: asJson({ ...key, ...secret }),
      }, accessKeySchema),
    rotate: (userId, id, how, secret) =>
      call("rotate_access_key", {
        caller: { user_id: userId },
        request: asJson({ access_key_id: id, ...how, ...secret }),
      }, accessKeySchema),
  };
}
