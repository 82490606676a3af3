import { z } from "zod";
import { type AccessKeySecret, createAccessKeySecret } from "../_shared/auth/access_key.ts";
import type { Authenticate } from "../_shared/auth/person.ts";
import { ApiError } from "../_shared/core/errors.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import { readJson } from "../_shared/http/read_json.ts";
import { type Exchange, respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { AccessKeysDatabase, StoredSecret } from "./db.ts";
import { type AccessKey, parseNewKey, parseRotation } from "./schema.ts";

/** The outside of the access-keys function. */
export interface AccessKeysDeps extends RespondDeps {
  authenticate: Authenticate;
  database: AccessKeysDatabase;
}

const MAX_BYTES = 16 * 1024;

/**
 * Answers POST /access-keys and POST /access-keys/{id}/rotate: what makes a secret, which is part of
 * this one answer and of nothing else. All else that is done with keys is done in the Data API.
 */
export function handleAccessKeys(request: Request, deps: AccessKeysDeps): Promise<Response> {
  const create = async (request: Request, exchange: Exchange) => {
    const userId = await identifyPerson(request, exchange, deps);
    const wanted = parseNewKey(await readJson(request, MAX_BYTES));
    if (wanted.expires_at && Date.parse(wanted.expires_at) <= deps.now()) {
      throw invalidField("expires_at", "invalid_value", "it is over. Choose a time to come");
    }
    const made = await createAccessKeySecret();
    const key = await deps.database.create(userId, wanted, stored(made));
    exchange.fields.access_key_id = key.id;
    return answer(201, key, made);
  };

  const rotate = async (request: Request, exchange: Exchange) => {
    const id = z.uuid().safeParse(exchange.rest.match(/^([^/]+)\/rotate$/)?.[1]);
    if (!id.success) throw unknownPath();
    const userId = await identifyPerson(request, exchange, deps);
    // Nothing need be said about it.
    const how = parseRotation(request.body === null ? {} : await readJson(request, MAX_BYTES));
    const made = await createAccessKeySecret();
    const key = await deps.database.rotate(userId, id.data, how, stored(made));
    exchange.fields.access_key_id = key.id;
    return answer(200, key, made);
  };

  return respond(request, "access-keys", {
    "/access-keys": { POST: create },
    "/access-keys/*": { POST: rotate },
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

function unknownPath(): ApiError {
  return new ApiError(
    404,
    "unknown_path",
    "Cannot find this path. This function answers POST /access-keys, POST /access-keys/{id}/rotate.",
  );
}
