/**
 * Lets pages of any origin use an answer, as the platform's gateway does; a preflight is told that
 * the headers it asks for may come.
 */
export function allowBrowsers(request: Request, response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  // Meaningless beside "*", and the library sends it.
  headers.delete("access-control-allow-credentials");
  if (request.method === "OPTIONS") {
    headers.set("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    headers.set(
      "access-control-allow-headers",
      request.headers.get("access-control-request-headers") ?? "*",
    );
    headers.set("access-control-max-age", "3600");
  }
  const { status, body } = response;
  return new Response(body, { status, headers });
}
