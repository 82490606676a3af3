/** One address in front of several. */
export interface Balancer extends AsyncDisposable {
  url: string;
}

/**
 * Sends each request to the next of these addresses. A host that refuses the connection is skipped,
 * so that one that is down costs no request; a request that fails later is not sent twice.
 */
export function startBalancer(backends: readonly string[]): Balancer {
  let turn = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request, { remoteAddr, completed }) => {
      const leaving = new AbortController();
      completed.catch(() => leaving.abort());
      const body = request.body === null ? undefined : await request.arrayBuffer();
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("x-forwarded-for", remoteAddr.hostname);
      const first = turn++;
      for (let step = 0; step < backends.length; step++) {
        const backend = backends[(first + step) % backends.length];
        try {
          return await fetch(`${backend}${pathname}${search}`, {
            method: request.method,
            headers,
            body,
            redirect: "manual",
            signal: leaving.signal,
          });
        } catch (error) {
          if (!isRefused(error)) break;
        }
      }
      return Response.json({ error: { message: "No host answers." } }, { status: 502 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

function isRefused(error: unknown): boolean {
  return error instanceof TypeError &&
    /connection refused/i.test(`${error.message} ${error.cause}`);
}
