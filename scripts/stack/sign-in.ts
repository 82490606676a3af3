import { createClient } from "@supabase/supabase-js";

/** Who signs in, and where. */
export interface SignInOptions {
  apiUrl: string;
  publishableKey: string;
  email: string;
  password: string;
}

/**
 * Signs a person in as any client would.
 *
 * @returns the access token, valid for an hour, or the reason why there is none.
 */
export async function signIn(
  options: SignInOptions,
): Promise<{ token: string } | { reason: string }> {
  const client = createClient(options.apiUrl, options.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.auth.signInWithPassword({
    email: options.email,
    password: options.password,
  });
  return error ? { reason: error.message } : { token: data.session.access_token };
}
