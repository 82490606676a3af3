import type postgres from "postgres";
import { addVendor } from "../../e2e/support/fault_vendor.ts";

/** An agent that visitors of websites chat with. */
export interface PublishedAgent {
  agentId: string;
  /** Of its widget. */
  key: string;
}

/**
 * Makes an agent of one of the people of the seed, with a widget. It is sold by a vendor of the test.
 *
 * @param sites Its allowed domains.
 */
export async function publishAgent(
  sql: postgres.Sql,
  vendorUrl: string,
  sites: readonly string[],
  changes: Record<string, string | boolean> = {},
): Promise<PublishedAgent> {
  const { service } = await addVendor(sql, "e2e_upstream", vendorUrl);
  const [agent] = await sql<{ id: string }[]>`
    insert into public.agents
      (name, status, vendor_id, service_id, is_published, created_by, security, system_prompt)
    select 'Shop', 'active', 'e2e_upstream', ${service}, true, id,
      ${sql.json({ allowed_domains: [...sites] })}, 'You sell chairs.'
    from auth.users where email = 'carol@example.com' returning id`;
  const widget = { agent_id: agent?.id ?? "", name: "Shop assistant", ...changes };
  const [made] = await sql<{ key: string }[]>`
    insert into public.widgets ${sql(widget)} returning key`;
  return { agentId: agent?.id ?? "", key: made?.key ?? "" };
}

/** A website with a strict content policy. */
export interface Site extends AsyncDisposable {
  origin: string;
}

/** Starts a website whose pages have the widgets of these keys; more keys can be added later. */
export function startSite(functionsUrl: string, keys: readonly string[]): Site {
  const host = new URL(functionsUrl).origin;
  const policy = [
    "default-src 'none'",
    `script-src ${host}`,
    `connect-src ${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const scripts = keys.map((key) =>
      `<script async src="${functionsUrl}/widget/embed.js" data-key="${key}"></script>`
    );
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>
<link rel="icon" href="data:,"></head>
<body><main><h1>Chairs</h1><p>We sell chairs.</p></main>${scripts.join("")}</body></html>`;
    return new Response(page, {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy.replace(
          "default-src 'none'",
          "default-src 'none'; img-src data:",
        ),
      },
    });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A way to a server that can be cut. */
export interface CuttableProxy extends AsyncDisposable {
  origin: string;
  /** Breaks all connections, and lets no new one through. */
  cut(): void;
  /** Lets connections through again. */
  mend(): void;
}

/** Starts a proxy that knows nothing of what it carries. */
export function startCuttableProxy(target: string): CuttableProxy {
  const { hostname, port } = new URL(target);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  let isCut = false;
  const close = (connection: Deno.TcpConn) => {
    if (open.delete(connection)) connection.close();
  };
  const carry = async (client: Deno.TcpConn) => {
    if (isCut) return client.close();
    const server = await Deno.connect({ hostname, port: Number(port) });
    for (const connection of [client, server]) open.add(connection);
    const ways = [
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ];
    await Promise.allSettled(ways.map((way) => way.catch(() => {})));
    for (const connection of [client, server]) open.delete(connection);
  };
  const accepting = (async () => {
    for await (const client of listener) carry(client).catch(() => close(client));
  })();
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    cut() {
      isCut = true;
      for (const connection of open) close(connection);
    },
    mend: () => void (isCut = false),
    async [Symbol.asyncDispose]() {
      this.cut();
      listener.close();
      await accepting;
    },
  };
}
