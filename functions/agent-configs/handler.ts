import { z } from "zod";
import type { Authenticate } from "../_shared/auth/person.ts";
import type { Keyring } from "../_shared/crypto/envelope.ts";
import type { ErrorCode } from "../_shared/core/error_codes.ts";
import { ApiError } from "../_shared/core/errors.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import { readBody } from "../_shared/http/operation.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { ConfigsDatabase } from "./db.ts";
import { operations } from "./operations.ts";

/** The dependencies of the function `agent-configs`. */
export interface AgentConfigsDeps extends RespondDeps {
  authenticate: Authenticate;
  database: ConfigsDatabase;
  keyring: Pick<Keyring, "encrypt">;
}

/**
 * Answers the {@linkcode operations} of the function `agent-configs`: encrypted values of an
 * agent's configuration. Nothing here decrypts them.
 */
export function handleAgentConfigs(request: Request, deps: AgentConfigsDeps): Promise<Response> {
  const store = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const { config_value, ...config } = await readBody(request, operations.store.body);
    // A ciphertext is bound to its row, so each value has its own row.
    const id = crypto.randomUUID();
    const ciphertext = await deps.keyring.encrypt(JSON.stringify(config_value), {
      table: "ai_agent_configs",
      row: id,
      owner: userId.toLowerCase(),
      scope: config.config_key,
    });
    const stored = await deps.database.storeConfig(userId, { ...config, id, ciphertext });
    return Response.json(stored, { status: 201 });
  };

  const list = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const agentId = z.uuid().safeParse(context.params.agent_id).data;
    if (!agentId) throw notFound("agent_not_found", "Agent not found.");
    return Response.json({
      object: "list",
      data: await deps.database.listConfigs(userId, agentId),
    });
  };

  const remove = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const id = z.uuid().safeParse(context.params.id).data;
    if (!id || !await deps.database.deleteConfig(userId, id)) {
      throw notFound("agent_config_not_found", "Encrypted value not found, or you may not see it.");
    }
    return Response.json({ id, deleted: true });
  };

  return respond(request, "agent-configs", operations, { store, list, remove }, deps);
}

function notFound(code: ErrorCode, message: string): ApiError {
  return new ApiError(code, message);
}
