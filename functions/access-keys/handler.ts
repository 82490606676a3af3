import { z } from "zod";
import { type AccessKeySecret, createAccessKeySecret } from "../_shared/auth/access_key.ts";
import type { Authenticate } from "../_shared/auth/person.ts";
import { ApiError } from "../_shared/core/errors.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import { readBody } from "../_shared/http/operation.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { AccessKeysDatabase, StoredSecret } from "./db.ts";
import { operations } from "./operations.ts";
import type { AccessKey } from "./schema.ts";

/** The dependencies of the access-keys function. */
export interface AccessKeysDeps extends RespondDeps {
  authenticate: Authenticate;
  database: AccessKeysDatabase;
}

/**
 * Answers the {@linkcode operations} of the function `access-keys`: those that create a secret,
 * which only this one answer contains. Everything else is done with the Data API.
 */
export function handleAccessKeys(request: Request, deps: AccessKeysDeps): Promise<Response> {
  const create = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const wanted = await readBody(request, operations.create.body);
    if (wanted.expires_at && Date.parse(wanted.expires_at) <= deps.now()) {
      throw invalidField("expires_at", "invalid_value", "it is in the past. Send a future time");
    }
    const made = await createAccessKeySecret();
    const key = await deps.database.create(userId, wanted, stored(made));
    context.fields.access_key_id = key.id;
    return answer(201, key, made);
  };

  const rotate = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const how = await readBody(request, operations.rotate.body);
    const id = z.uuid().safeParse(context.params.id);
    if (!id.success) throw unknownKey();
    const made = await createAccessKeySecret();
    const key = await deps.database.rotate(userId, id.data, how, stored(made));
    context.fields.access_key_id = key.id;
    return answer(200, key, made);
  };

  return respond(request, "access-keys", operations, {
    create,
    rotate,
  }, deps);
}

function stored({ token_hash, prefix, last_four }: AccessKeySecret): StoredSecret {
  return { token_hash, prefix, last_four };
}

function answer(status: number, key: AccessKey, { secret }: AccessKeySecret): Response {
  return Response.json({ object: "access_key", ...key, secret }, {
    status,
    headers: { "cache-control": "no-store" },
  });
}

function unknownKey(): ApiError {
  return new ApiError("access_key_not_found", "Access key not found, or it is not yours.");
}
