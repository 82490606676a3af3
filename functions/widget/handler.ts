import { callerFields, type Visitor } from "../_shared/auth/caller.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import type { Authenticate } from "../_shared/auth/person.ts";
import { ApiError, toApiError } from "../_shared/core/errors.ts";
import { type Keyring, requireKeyring } from "../_shared/crypto/envelope.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { readBody } from "../_shared/http/operation.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { Recordings } from "../_shared/net/storage.ts";
import type { Page, WidgetDatabase } from "./db.ts";
import { embedScript } from "./embed_script.ts";
import { bindingOfSecret, verifyIdentity } from "./identity.ts";
import { operations } from "./operations.ts";
import { createCorsPolicy, readOrigin } from "./origin.ts";
import { readAddress } from "./address.ts";
import { addRecording, playRecording } from "./recordings.ts";
import { createToken, hashOfToken, readVisitorToken } from "./tokens.ts";
import { visibleError, visitorAnswer } from "./visitor_answer.ts";
import { visitorFormat } from "./visitor_format.ts";

/** The dependencies of the function `widget`. */
export interface WidgetDeps extends RespondDeps, TurnDeps {
  recordings: Recordings;
  authenticate: Authenticate;
  /** null if the operator has set no keys; only widget secrets need them. */
  keyring: Pick<Keyring, "encrypt" | "decrypt"> | null;
  widgets: WidgetDatabase;
  /** Header in which the host's proxy sends the client's address. */
  clientAddressHeader: string;
}

/** Creates the handler of the {@linkcode operations} of the function `widget`. */
export function createWidgetHandler(deps: WidgetDeps): (request: Request) => Promise<Response> {
  const cors = createCorsPolicy({ allows: deps.widgets.allows, now: deps.now });
  const handlers = { ...publicHandlers(deps), ...visitorHandlers(deps) };
  return (request) => respond(request, "widget", operations, handlers, { ...deps, cors });
}

/** Operations without a session: the script, the settings, and starting a session. */
function publicHandlers(deps: WidgetDeps) {
  const { widgets, clientAddressHeader } = deps;
  const pageOf = (request: Request, { params }: RequestContext): Page => ({
    key: params.key ?? "",
    origin: readOrigin(request),
    address: readAddress(request, clientAddressHeader),
  });
  return {
    script: () => new Response(embedScript, { headers: scriptHeaders }),
    secret: async (request: Request, context: RequestContext) => {
      const userId = await identifyPerson(request, context, deps);
      const { widget_id } = await readBody(request, operations.secret.body);
      const id = crypto.randomUUID();
      const secret = createToken("wis_");
      const { encrypt } = requireKeyring(deps.keyring, "Cannot create the secret");
      const encrypted_secret = await encrypt(
        secret,
        bindingOfSecret({ id, widget_id: widget_id.toLowerCase() }),
      );
      const last_four = secret.slice(-4);
      await widgets.storeSecret(userId, { id, widget_id, encrypted_secret, last_four });
      return Response.json({ id, widget_id, secret, last_four }, { status: 201 });
    },
    settings: async (request: Request, context: RequestContext) => {
      const settings = await widgets.settings(pageOf(request, context));
      context.headers.set("cache-control", "private, max-age=60");
      return Response.json(settings);
    },
    ticket: async (request: Request, context: RequestContext) => {
      const ticket = createToken("wtk_");
      const hash = await hashOfToken(ticket, "wtk_");
      const { expires_in } = await widgets.createTicket(pageOf(request, context), hash);
      return Response.json({ ticket, expires_in }, { status: 201 });
    },
    session: async (request: Request, context: RequestContext) => {
      const page = pageOf(request, context);
      const { ticket, identity, ...details } = await readBody(request, operations.session.body);
      const ticketHash = await hashOfToken(ticket, "wtk_");
      const user_id = identity &&
        await verifyIdentity(identity, await widgets.secrets(page), deps);
      const token = createToken("wvt_");
      const started = await widgets.startSession(
        page,
        ticketHash,
        await hashOfToken(token, "wvt_"),
        { ...details, user_id },
      );
      return Response.json({ ...started, token }, { status: 201 });
    },
  };
}

/** Operations within the session of a visitor's token. */
function visitorHandlers(deps: WidgetDeps) {
  const { widgets, clientAddressHeader } = deps;
  const visitorOf = async (request: Request, context: RequestContext): Promise<Visitor> => {
    const visitor = {
      key: context.params.key ?? "",
      origin: readOrigin(request),
      token_hash: await readVisitorToken(request),
      address: readAddress(request, clientAddressHeader),
    };
    Object.assign(context.fields, callerFields({ visitor }));
    return visitor;
  };
  return {
    send: async (request: Request, context: RequestContext) => {
      const visitor = await visitorOf(request, context);
      requireIdempotencyKey(request);
      try {
        const completion = await runTurn(request, { visitor }, visitorFormat, context, {
          ...deps,
          ...visitorTurns(deps),
        });
        return await visitorAnswer(completion, (work) => deps.lifetime.waitUntil?.(work));
      } catch (thrown) {
        context.fields.reason = toApiError(thrown).code;
        throw visibleError(thrown);
      }
    },
    list: async (request: Request, context: RequestContext) => {
      const after = Number(new URL(request.url).searchParams.get("after") ?? 0);
      if (!Number.isSafeInteger(after) || after < 0) throw notANumber();
      return Response.json(await widgets.messages(await visitorOf(request, context), after));
    },
    record: async (request: Request, context: RequestContext) =>
      await addRecording(
        request,
        await visitorOf(request, context),
        context.params.id ?? "",
        deps,
      ),
    play: async (request: Request, context: RequestContext) =>
      await playRecording(
        request,
        await visitorOf(request, context),
        context.params.id ?? "",
        deps,
      ),
    end: async (request: Request, context: RequestContext) =>
      Response.json({ ended: await widgets.end(await visitorOf(request, context)) }),
    remove: async (request: Request, context: RequestContext) =>
      Response.json({ deleted: await widgets.remove(await visitorOf(request, context)) }),
  };
}

/**
 * How turns of visitors differ: the database authenticates them by the visitor's token and counts
 * them, and conversations are not mirrored to Redis, so that a visitor can delete them.
 */
function visitorTurns(
  { database, widgets }: WidgetDeps,
): Pick<TurnDeps, "database" | "limiter" | "cache"> {
  return {
    cache: null,
    limiter: { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} },
    database: {
      ...database,
      beginTurn: widgets.beginTurn,
      countRefusedCall: () => Promise.resolve({}),
    },
  };
}

/**
 * A page resends a message whose answer it missed; without the key it would be answered, and paid,
 * twice.
 */
function requireIdempotencyKey(request: Request): void {
  if (/^[\w-]{8,100}$/.test(request.headers.get("idempotency-key") ?? "")) return;
  throw new ApiError(
    "missing_required_parameter",
    'Cannot take the message: the header "Idempotency-Key" is missing, or not 8 to 100 letters, digits, "_" and "-". Send a new UUID with each message.',
    { param: "Idempotency-Key" },
  );
}

function notANumber(): ApiError {
  return new ApiError(
    "invalid_value",
    'Cannot use "after": it is not the seq of a message. Send a whole number.',
    { param: "after" },
  );
}

/** The script is public, and cross-origin isolated pages may load it too. */
const scriptHeaders = {
  "content-type": "text/javascript; charset=utf-8",
  "cache-control": "public, max-age=3600",
  "cross-origin-resource-policy": "cross-origin",
};
