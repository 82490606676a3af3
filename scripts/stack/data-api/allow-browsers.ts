/** Lets pages of any origin use an answer, as the platform's gateway does. */
export function allowBrowsers(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  // Meaningless beside "*", and the library sends it.
  headers.delete("access-control-allow-credentials");
  const { status, body } = response;
  return new Response(body, { status, headers });
}
