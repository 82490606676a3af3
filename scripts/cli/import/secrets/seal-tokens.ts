import type { Sql } from "postgres";
import { z } from "zod";
import type { Keyring } from "../../../../functions/_shared/crypto/envelope.ts";
import { tokensSchema } from "../../../../functions/oauth-tokens/token_answer.ts";
import { createTokenSeal } from "../../../../functions/oauth-tokens/token_seal.ts";
import { type BoundTable, scopeOf } from "../design/bind.ts";
import { renderExpression } from "../design/expression.ts";
import { sourceTable } from "../design/statements.ts";
import { patient, withRetries } from "../apply/with-retries.ts";

/** The fields that old systems store for an OAuth sign-in; others are ignored. */
const oldTokens = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  token_type: z.string().nullish(),
  scope: z.string().nullish(),
  expires_at: z.union([z.string(), z.number()]).nullish(),
});

interface TokenRow {
  session_id: string;
  user_id: string;
  provider: string;
  tokens: unknown;
}

/**
 * Encrypts OAuth tokens that the source stores in plain text and adds them to the imported session,
 * if the provider is one of oauth_providers and the person has no other session with it. This also
 * removes the note in the quarantine that they were left out.
 *
 * @returns how many sessions got their tokens.
 */
export async function sealTokens(sql: Sql, bound: BoundTable, keyring: Keyring): Promise<number> {
  const render = (expression: string) => renderExpression(expression, scopeOf(bound));
  const session = render("{session_id|id:text}");
  const rows = await sql.unsafe<TokenRow[]>(`
    select distinct on (there.user_id, providers.id)
      there.session_id, there.user_id::text, providers.id as provider, found.tokens
    from ${sourceTable(bound)} source
    join public.mcp_sessions there on there.session_id = ${session} and there.oauth_provider is null
    cross join lateral (select ${render("{oauth_data|tokens:jsonb}")} as tokens) found
    join public.oauth_providers providers on providers.id = lower(btrim(coalesce(
      ${render("{oauth_provider|provider:text}")}, found.tokens ->> 'provider'
    )))
    where jsonb_typeof(found.tokens -> 'access_token') = 'string' and not exists (
      select from public.mcp_sessions others
      where others.user_id = there.user_id and others.oauth_provider = providers.id
    )
    order by there.user_id, providers.id, there.updated_at desc`);
  const seal = createTokenSeal(keyring);
  let sealed = 0;
  for (const { session_id: sessionId, user_id: userId, provider, tokens } of rows) {
    const read = oldTokens.safeParse(tokens);
    if (!read.success) continue;
    const { access_token, refresh_token = null, token_type, scope = null, expires_at } = read.data;
    const { ciphertext, refreshable } = await seal.seal(
      tokensSchema.parse({
        access_token,
        refresh_token,
        token_type: token_type ?? "Bearer",
        scope,
      }),
      null,
      { userId, provider, sessionId },
    );
    await withRetries(sql, patient, async (transaction) => {
      await transaction`
        update public.mcp_sessions
        set oauth_provider = ${provider}, oauth_status = 'connected',
          oauth_data = ${transaction.json({ ciphertext })}, oauth_refreshable = ${refreshable},
          oauth_expires_at = agentbase_import.to_time(
            ${expires_at === null || expires_at === undefined ? null : String(expires_at)}::text,
            'UTC'
          )
        where session_id = ${sessionId} and oauth_provider is null`;
      await transaction`
        delete from agentbase_import.quarantine
        where source = ${bound.source.schema} and mapping = ${bound.name} and is_imported
          and coalesce(row ->> 'session_id', row ->> 'id') = ${sessionId}
          and reason like 'its OAuth tokens %'`;
    });
    sealed++;
  }
  return sealed;
}
