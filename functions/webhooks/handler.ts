import { z } from "zod";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import type { Authenticate } from "../_shared/auth/person.ts";
import type { SecretKeys } from "../_shared/auth/secret_key.ts";
import { ApiError } from "../_shared/core/errors.ts";
import type { Keyring } from "../_shared/crypto/envelope.ts";
import {
  bindingOfSecret,
  bindingOfUrl,
  createWebhookSecret,
} from "../_shared/crypto/webhook_signature.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { readBody } from "../_shared/http/operation.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { checkUrl, GuardedFetchError } from "../_shared/net/guarded_fetch.ts";
import type { SealedSecret, WebhooksDatabase } from "./db.ts";
import { type DeliverDeps, runDeliveries } from "./deliver.ts";
import { operations } from "./operations.ts";

/** The dependencies of the webhooks function. */
export interface WebhooksDeps extends RespondDeps, DeliverDeps {
  authenticate: Authenticate;
  secretKeys: SecretKeys;
  database: WebhooksDatabase;
  keyring: Pick<Keyring, "encrypt" | "decrypt">;
  /** Hosts that may be called although they are not public. */
  trustedHosts: readonly string[];
}

/** The secret keys that may start a round: the scheduler's and the operator's. */
const ALLOWED = ["cron", "default"];

/**
 * Answers the {@linkcode operations} of the function `webhooks`: those that encrypt an address or a
 * secret, and the one that sends deliveries. Everything else is done with the Data API.
 */
export function handleWebhooks(request: Request, deps: WebhooksDeps): Promise<Response> {
  const create = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const { url, ...wanted } = await readBody(request, operations.create.body);
    const id = crypto.randomUUID();
    const address = await sealUrl(url, id, wanted.organization_id, deps);
    const made = wanted.kind === "webhook" ? await sealSecret(id, deps) : null;
    const secret = made?.sealed ?? null;
    const webhook = await deps.database.create(userId, { ...wanted, ...address, id, secret });
    return Response.json({ object: "webhook", ...webhook, secret: made?.plain ?? null }, {
      status: 201,
    });
  };

  const change = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const { url } = await readBody(request, operations.change.body);
    const id = idOf(context);
    const { organization_id } = await deps.database.change(userId, id, {});
    const address = await sealUrl(url, id, organization_id, deps);
    return Response.json({
      object: "webhook",
      ...await deps.database.change(userId, id, address),
    });
  };

  const rotate = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const { grace_seconds } = await readBody(request, operations.rotate.body);
    const id = idOf(context);
    const { plain, sealed } = await sealSecret(id, deps);
    const webhook = await deps.database.change(userId, id, {
      secret: { ...sealed, grace_seconds },
    });
    return Response.json({ object: "webhook", ...webhook, secret: plain });
  };

  const deliver = async (request: Request, context: RequestContext) => {
    await deps.secretKeys.demand(request, ALLOWED);
    const { run_id } = await readBody(request, operations.deliver.body);
    const report = { run_id: run_id ?? null, ...await runDeliveries(deps) };
    Object.assign(context.fields, report);
    return Response.json(report);
  };

  return respond(request, "webhooks", operations, { create, change, rotate, deliver }, deps);
}

/** @throws {ApiError} 400 `webhook_url_refused`. */
async function sealUrl(
  text: string,
  id: string,
  organizationId: string,
  { keyring, trustedHosts }: WebhooksDeps,
): Promise<{ encrypted_url: string; url_preview: string }> {
  try {
    const url = checkUrl(text, trustedHosts);
    const encrypted_url = await keyring.encrypt(url.href, bindingOfUrl(id, organizationId));
    return { encrypted_url, url_preview: url.origin.slice(0, 255) };
  } catch (thrown) {
    if (!(thrown instanceof GuardedFetchError)) throw thrown;
    throw new ApiError("webhook_url_refused", thrown.message, { param: "url" });
  }
}

async function sealSecret(
  endpointId: string,
  { keyring }: WebhooksDeps,
): Promise<{ plain: string; sealed: SealedSecret }> {
  const plain = createWebhookSecret();
  const id = crypto.randomUUID();
  const ciphertext = await keyring.encrypt(plain, bindingOfSecret(id, endpointId));
  return { plain, sealed: { id, ciphertext } };
}

function idOf({ params }: RequestContext): string {
  const id = z.uuid().safeParse(params.id);
  if (id.success) return id.data;
  throw new ApiError("webhook_not_found", "Webhook not found, or you may not manage it.");
}
