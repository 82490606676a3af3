/** Methods that the APIs of the stack know. */
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Answers a preflight: a page of any origin may send any request with the headers that it asks for.
 * A browser reads the answer to the request itself only when its preflight succeeds, so this holds for
 * paths that do not exist as well; otherwise their 404 would look like a network failure.
 */
export function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
      "access-control-max-age": "3600",
      "vary": "access-control-request-headers",
    },
  });
}
