/** An answer of the keys function. */
export interface KeysAnswer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- a test reads into whatever was answered.
  body: any;
}

/** The keys function as a person calls it. */
export type KeysApi = (method: string, path: string, body?: unknown) => Promise<KeysAnswer>;

/** Calls the function below an address; a body that is text is sent as it stands. */
export function keysApi(functionsUrl: string, accessToken: string): KeysApi {
  return async (method, path, body) => {
    const response = await fetch(`${functionsUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      ...body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? null : JSON.parse(text),
    };
  };
}
