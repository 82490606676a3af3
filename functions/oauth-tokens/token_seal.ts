import type { Binding, Keyring } from "../_shared/crypto/envelope.ts";
import type { SealedTokens } from "./db.ts";
import { type Tokens, tokensSchema } from "./token_answer.ts";

/** Encrypts and decrypts tokens, bound to the session that stores them. */
export interface TokenSeal {
  seal(
    tokens: Tokens,
    expiresIn: number | null,
    of: { userId: string; provider: string; sessionId: string },
  ): Promise<SealedTokens>;
  /** @throws {ApiError} 500 `undecryptable`. */
  open(
    ciphertext: string,
    of: { userId: string; provider: string; sessionId: string },
  ): Promise<Tokens>;
}

/**
 * Makes the seal; the binding is the one that `private.encrypted_columns` states for key rotation.
 */
export function createTokenSeal(keyring: Keyring): TokenSeal {
  return {
    async seal(tokens, expiresIn, of) {
      return {
        ciphertext: await keyring.encrypt(JSON.stringify(tokens), bindingOf(of)),
        expires_in: expiresIn,
        refreshable: tokens.refresh_token !== null,
      };
    },
    async open(ciphertext, of) {
      return tokensSchema.parse(JSON.parse(await keyring.decrypt(ciphertext, bindingOf(of))));
    },
  };
}

function bindingOf(of: { userId: string; provider: string; sessionId: string }): Binding {
  const { userId, provider, sessionId } = of;
  // In the form in which Postgres writes a uuid.
  return { table: "mcp_sessions", row: sessionId, owner: userId.toLowerCase(), scope: provider };
}
