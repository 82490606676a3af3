import type { AccessKeySecret } from "../_shared/access_key.ts";
import { asJson, type DataApi } from "../_shared/database.ts";
import { databaseError } from "../_shared/database_error.ts";
import { type AccessKey, accessKeySchema, type NewKey, type Rotation } from "./schema.ts";

/** What is stored of a secret: everything but the secret. */
export type StoredSecret = Omit<AccessKeySecret, "secret">;

/** The database calls of the access-keys function. */
export interface AccessKeysDatabase {
  /** Stores a new key of a person. */
  create(userId: string, key: NewKey, secret: StoredSecret): Promise<AccessKey>;
  /** Stores another secret for a key of a person. */
  rotate(userId: string, id: string, how: Rotation, secret: StoredSecret): Promise<AccessKey>;
}

/** The calls, made by a client with the secret key. */
export function accessKeysDatabase(client: DataApi): AccessKeysDatabase {
  return {
    async create(userId, key, secret) {
      const { data, error, status } = await client.rpc("create_access_key", {
        caller: { user_id: userId },
        request: asJson({ ...key, ...secret }),
      });
      if (error) throw databaseError(error, status);
      return accessKeySchema.parse(data);
    },
    async rotate(userId, id, how, secret) {
      const { data, error, status } = await client.rpc("rotate_access_key", {
        caller: { user_id: userId },
        request: asJson({ access_key_id: id, ...how, ...secret }),
      });
      if (error) throw databaseError(error, status);
      return accessKeySchema.parse(data);
    },
  };
}
