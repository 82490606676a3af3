/** An error as OpenAI's API answers it. */
export function failure(status: number, message: string): Response {
  return Response.json({
    error: { message, type: "invalid_request_error", param: null, code: null },
  }, { status });
}
