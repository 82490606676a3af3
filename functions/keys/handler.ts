import type { Authenticate } from "../_shared/auth/person.ts";
import { type Keyring, UndecryptableError } from "../_shared/crypto/envelope.ts";
import { ApiError } from "../_shared/core/errors.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import { readBody } from "../_shared/http/operation.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { SecretKeys } from "../_shared/auth/secret_key.ts";
import {
  bindingOfKey,
  fingerprintLabel,
  REJECTED,
  reportOfUndecryptable,
} from "../_shared/crypto/stored_key.ts";
import type { EncryptedKey, KeysDatabase } from "./db.ts";
import { assertKeyFormat } from "./key_format.ts";
import { rotate } from "./rotate.ts";
import type { RotationDatabase } from "./rotation_db.ts";
import { operations } from "./operations.ts";
import type { KeyRules, OpenedKey } from "./schema.ts";
import { notTried, tryKey } from "./try_key.ts";

/** The dependencies of the keys function. */
export interface KeysDeps extends RespondDeps {
  authenticate: Authenticate;
  secretKeys: SecretKeys;
  database: KeysDatabase & RotationDatabase;
  keyring: Keyring;
  fetch: typeof globalThis.fetch;
}

/** Secret keys that may rotate: the operator's, and one that has no other permission. */
const OPERATORS = ["default", "rotation"];

/** Answers the {@linkcode operations} of the function `keys`. */
export function handleKeys(request: Request, deps: KeysDeps): Promise<Response> {
  const as = (answer: PersonsHandler) => async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    return await answer({ request, context, userId, keyId: context.params.id ?? "" }, deps);
  };
  return respond(request, "keys", operations, {
    create: as(create),
    rotate: (request) => rotateBatch(request, deps),
    show: as(show),
    tryStored: as(tryStored),
    change: as(change),
    replace: as(replace),
    remove: as(remove),
  }, deps);
}

interface PersonsCall {
  request: Request;
  context: RequestContext;
  userId: string;
  /** The id in the path. The database decides whether there is such a key. */
  keyId: string;
}

type PersonsHandler = (call: PersonsCall, deps: KeysDeps) => Promise<Response>;

async function create({ request, userId }: PersonsCall, deps: KeysDeps): Promise<Response> {
  const body = await readBody(request, operations.create.body);
  const serviceId = body.service_id ?? null;
  const rules = await deps.database.rules(userId, body.vendor_id, serviceId);
  await assertUsable(body, rules, deps);
  const id = crypto.randomUUID();
  const encrypted = await encrypt(
    body.key,
    { id, user_id: userId, vendor_id: rules.vendor_id },
    deps,
  );
  const created = await deps.database.create(userId, {
    ...encrypted,
    id,
    settings: body.settings,
    vendor_id: rules.vendor_id,
    service_id: serviceId,
    organization_id: body.organization_id ?? null,
    display_name: body.display_name ?? null,
  });
  return Response.json(created, { status: 201 });
}

async function replace(call: PersonsCall, deps: KeysDeps): Promise<Response> {
  const { request, userId, keyId } = call;
  const body = await readBody(request, operations.replace.body);
  const { id, rules, ...stored } = await deps.database.rulesForReplacing(userId, keyId);
  if (rules === null) throw vendorGone();
  const settings = body.settings ?? stored.settings;
  await assertUsable({ ...body, settings }, rules, deps);
  const binding = { id, user_id: userId, vendor_id: rules.vendor_id };
  const encrypted = await encrypt(body.key, binding, deps);
  return Response.json(await deps.database.replace(userId, keyId, { ...encrypted, settings }));
}

async function change(call: PersonsCall, { database }: KeysDeps): Promise<Response> {
  const changes = await readBody(call.request, operations.change.body);
  return Response.json(await database.change(call.userId, call.keyId, changes));
}

async function remove({ userId, keyId }: PersonsCall, { database }: KeysDeps): Promise<Response> {
  await database.remove(userId, keyId);
  return new Response(null, { status: 204 });
}

async function show(call: PersonsCall, deps: KeysDeps): Promise<Response> {
  const { userId, keyId, context } = call;
  const opened = await deps.database.open(userId, keyId, "show", context.requestId);
  context.fields.key_id = opened.id;
  return Response.json({ id: opened.id, key: await decrypt(opened, deps) });
}

async function tryStored(call: PersonsCall, deps: KeysDeps): Promise<Response> {
  const { userId, keyId, context } = call;
  const opened = await deps.database.open(userId, keyId, "try", context.requestId);
  context.fields.key_id = opened.id;
  if (opened.rules === null) throw vendorGone();
  const { id, encrypted_key, settings, rules } = opened;
  const { works, problem } = await tryKey(await decrypt(opened, deps), settings, rules, deps.fetch);
  const event = works === null ? "used" : works ? "worked" : "rejected";
  await deps.database.report({
    id,
    encrypted_key,
    event,
    problem: works === false ? REJECTED : null,
  });
  return Response.json({ id, works, problem: works === false ? REJECTED : problem });
}

async function rotateBatch(request: Request, deps: KeysDeps): Promise<Response> {
  await deps.secretKeys.demand(request, OPERATORS);
  const body = await readBody(request, operations.rotate.body);
  return Response.json(await rotate(body, deps.keyring, deps.database));
}

/** Refuses a key that does not have the vendor's format or, with `try`, that the vendor rejects. */
async function assertUsable(
  { key, settings, try: isToBeTried }: {
    key: string;
    settings: Record<string, string>;
    try: boolean;
  },
  rules: KeyRules,
  { fetch }: KeysDeps,
): Promise<void> {
  assertKeyFormat(key, rules);
  if (!isToBeTried) return;
  const { works, problem } = await tryKey(key, settings, rules, fetch);
  if (works) return;
  if (works === null) throw notTried(rules.name, problem ?? "its response is not clear");
  throw new ApiError(
    "vendor_key_rejected",
    `Cannot store the key: ${rules.name} rejected it. Check it, or create a new one there.`,
    { param: "key" },
  );
}

async function encrypt(
  key: string,
  stored: { id: string; user_id: string; vendor_id: string },
  { keyring }: KeysDeps,
): Promise<EncryptedKey> {
  const binding = bindingOfKey(stored);
  return {
    encrypted_key: await keyring.encrypt(key, binding),
    key_preview: key.slice(-4),
    fingerprints: await keyring.fingerprints(key, fingerprintLabel(binding)),
  };
}

/** Decrypts; a key that cannot be decrypted is disabled, so that its owner sees why. */
async function decrypt(opened: OpenedKey, { keyring, database }: KeysDeps): Promise<string> {
  const { id, encrypted_key } = opened;
  try {
    return await keyring.decrypt(encrypted_key, bindingOfKey(opened));
  } catch (thrown) {
    if (thrown instanceof UndecryptableError) {
      await database.report({ id, encrypted_key, ...reportOfUndecryptable(thrown) });
    }
    throw thrown;
  }
}

function vendorGone(): ApiError {
  return new ApiError(
    "vendor_not_in_use",
    "Cannot use the key: its vendor no longer accepts user keys. Delete the key.",
  );
}
