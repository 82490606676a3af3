import { deepEqual, doesNotMatch, equal, ok, rejects } from "node:assert/strict";
import {
  createGuardedFetch,
  type GuardCode,
  GuardedFetchError,
  type GuardedFetchOptions,
} from "../../../functions/_shared/net/guarded_fetch.ts";
import { certificateFor } from "../support/certificate.ts";

/** What these names resolve to; all other names resolve to a public address. */
const NAMES: Readonly<Record<string, string[]>> = {
  "localhost": ["127.0.0.1", "::1"],
  "localhost.": ["127.0.0.1"],
  "metadata.google.internal": ["169.254.169.254"],
  "10.0.0.1.nip.example": ["10.0.0.1"],
  "mapped.example": ["::ffff:10.0.0.1"],
  "half.example": ["93.184.216.34", "192.168.0.1"],
  "six.example": ["2606:4700::1111", "fd00::1"],
  "wrapped.example": ["64:ff9b::a9fe:a9fe"],
  "azure.example": ["168.63.129.16"],
  "strange.example": ["not an address"],
};

const isLiteral = (hostname: string) => /^[\d.]+$|:/.test(hostname);

/** A guarded fetch that must not connect: an attempt fails with the address. */
function refusing(options: GuardedFetchOptions = {}) {
  const connected: string[] = [];
  const guardedFetch = createGuardedFetch({
    resolve: (name) => Promise.resolve(NAMES[name] ?? [isLiteral(name) ? name : "93.184.216.34"]),
    connect: ({ hostname }) => {
      connected.push(hostname);
      return Promise.reject(new Error("no network here"));
    },
    ...options,
  });
  return { guardedFetch, connected };
}

async function codeOf(call: Promise<Response>): Promise<GuardCode> {
  const thrown: unknown = await call.then(() => null, (error: unknown) => error);
  if (!(thrown instanceof GuardedFetchError)) throw thrown ?? new Error("it was answered");
  return thrown.code;
}

const FORBIDDEN: readonly [url: string, code: GuardCode][] = [
  // This machine, in all its spellings
  ["https://127.0.0.1/", "address_forbidden"],
  ["https://127.1/", "address_forbidden"],
  ["https://127.0.1/", "address_forbidden"],
  ["https://2130706433/", "address_forbidden"],
  ["https://0x7f000001/", "address_forbidden"],
  ["https://0x7f.0.0.1/", "address_forbidden"],
  ["https://0177.0.0.1/", "address_forbidden"],
  ["https://017700000001/", "address_forbidden"],
  ["https://①②⑦.⓪.⓪.①/", "address_forbidden"],
  ["https://127.0.0.1./", "address_forbidden"],
  ["https:\\\\127.0.0.1/", "address_forbidden"],
  ["https://0/", "address_forbidden"],
  ["https://0.0.0.0/", "address_forbidden"],
  ["https://localhost/", "address_forbidden"],
  ["https://LOCALHOST/", "address_forbidden"],
  ["https://localhost./", "address_forbidden"],
  ["https://[::1]/", "address_forbidden"],
  ["https://[::]/", "address_forbidden"],
  ["https://[0:0:0:0:0:0:0:1]/", "address_forbidden"],
  ["https://[::127.0.0.1]/", "address_forbidden"],
  ["https://[::ffff:127.0.0.1]/", "address_forbidden"],
  ["https://[::ffff:7f00:1]/", "address_forbidden"],
  // Private networks
  ["https://10.1.2.3/", "address_forbidden"],
  ["https://172.16.0.1/", "address_forbidden"],
  ["https://172.31.255.255/", "address_forbidden"],
  ["https://192.168.1.1/", "address_forbidden"],
  ["https://100.64.0.1/", "address_forbidden"],
  ["https://[fc00::1]/", "address_forbidden"],
  ["https://[fd12:3456::1]/", "address_forbidden"],
  ["https://[fec0::1]/", "address_forbidden"],
  ["https://10.0.0.1.nip.example/", "address_forbidden"],
  ["https://mapped.example/", "address_forbidden"],
  // A cloud's metadata
  ["https://169.254.169.254/latest/meta-data/", "address_forbidden"],
  ["https://[::ffff:169.254.169.254]/", "address_forbidden"],
  ["https://[fd00:ec2::254]/", "address_forbidden"],
  ["https://[fe80::a9fe:a9fe]/", "address_forbidden"],
  ["https://metadata.google.internal/", "address_forbidden"],
  ["https://100.100.100.200/", "address_forbidden"],
  ["https://192.0.0.192/", "address_forbidden"],
  ["https://168.63.129.16/", "address_forbidden"],
  ["https://azure.example/", "address_forbidden"],
  // Addresses that hold another one
  ["https://[64:ff9b::7f00:1]/", "address_forbidden"],
  ["https://[2002:7f00:1::]/", "address_forbidden"],
  ["https://[2001:0:7f00:1::]/", "address_forbidden"],
  ["https://[::ffff:0:127.0.0.1]/", "address_forbidden"],
  ["https://wrapped.example/", "address_forbidden"],
  // Addresses of no host
  ["https://224.0.0.1/", "address_forbidden"],
  ["https://240.0.0.1/", "address_forbidden"],
  ["https://255.255.255.255/", "address_forbidden"],
  ["https://192.0.2.1/", "address_forbidden"],
  ["https://198.18.0.1/", "address_forbidden"],
  ["https://[ff02::1]/", "address_forbidden"],
  ["https://[2001:db8::1]/", "address_forbidden"],
  ["https://[4000::1]/", "address_forbidden"],
  ["https://strange.example/", "address_forbidden"],
  // Names that resolve to a public address and to another one
  ["https://half.example/", "address_forbidden"],
  ["https://six.example/", "address_forbidden"],
  // Other schemes
  ["http://api.example.com/", "url_forbidden"],
  ["http://169.254.169.254/", "url_forbidden"],
  ["ftp://api.example.com/", "url_forbidden"],
  ["file:///etc/passwd", "url_forbidden"],
  ["gopher://127.0.0.1:6379/_FLUSHALL", "url_forbidden"],
  ["data:application/json,{}", "url_forbidden"],
  ["javascript:alert(1)", "url_forbidden"],
  ["blob:https://api.example.com/hush", "url_forbidden"],
  // User names and passwords, which disguise the host
  ["https://api.example.com@127.0.0.1/", "url_forbidden"],
  ["https://user:secret@api.example.com/", "url_forbidden"],
  ["https://api.example.com%2f@127.0.0.1/", "url_forbidden"],
  // Ports
  ["https://api.example.com:22/", "port_forbidden"],
  ["https://api.example.com:6379/", "port_forbidden"],
  ["https://api.example.com:80/", "port_forbidden"],
  ["https://127.0.0.1:5432/", "port_forbidden"],
  // Invalid URLs
  ["", "url_forbidden"],
  ["api.example.com", "url_forbidden"],
  ["https://", "url_forbidden"],
  ["https://256.256.256.256/", "url_forbidden"],
  ["https://127.0.0.1%00.example.com/", "url_forbidden"],
  ["https://[fe80::1%25eth0]/", "url_forbidden"],
];

for (const [url, code] of FORBIDDEN) {
  Deno.test(`nothing is sent to ${JSON.stringify(url)}: ${code}`, async () => {
    const { guardedFetch, connected } = refusing();
    deepEqual([await codeOf(guardedFetch(url)), connected], [code, []]);
  });
}

Deno.test("a public host is called at exactly the address that was checked", async () => {
  const { guardedFetch, connected } = refusing();
  for (
    const url of ["https://api.example.com/v1", "https://8.8.8.8:443/", "https://[2606:4700::1111]"]
  ) {
    equal(await codeOf(guardedFetch(url)), "unreachable");
  }
  deepEqual(connected, ["93.184.216.34", "8.8.8.8", "2606:4700::1111"]);
});

Deno.test("a name is not resolved again after its address was checked", async () => {
  const meanings = ["93.184.216.34", "169.254.169.254", "169.254.169.254"];
  let asked = 0;
  const { guardedFetch, connected } = refusing({
    resolve: () => Promise.resolve([meanings[asked++]!]),
  });
  equal(await codeOf(guardedFetch("https://rebinding.example/")), "unreachable");
  deepEqual([asked, connected], [1, ["93.184.216.34"]]);
});

Deno.test("all addresses of a name are tried in turn", async () => {
  const { guardedFetch, connected } = refusing({
    resolve: () => Promise.resolve(["93.184.216.34", "93.184.216.35"]),
  });
  equal(await codeOf(guardedFetch("https://two.example/")), "unreachable");
  deepEqual(connected, ["93.184.216.34", "93.184.216.35"]);
});

Deno.test("a name without an address cannot be reached", async () => {
  const { guardedFetch } = refusing({ resolve: () => Promise.reject(new Error("ENOTFOUND")) });
  equal(await codeOf(guardedFetch("https://nowhere.example/")), "unreachable");
  const { guardedFetch: withNone } = refusing({ resolve: () => Promise.resolve([]) });
  equal(await codeOf(withNone("https://nowhere.example/")), "unreachable");
});

// From here on with real servers on loopback, which the operator vouches for.

function serve(handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return {
    host: `127.0.0.1:${server.addr.port}`,
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A server that sends these bytes to every client, and nothing more. */
function serveBytes(text: string, { closes = true } = {}) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await connection.read(new Uint8Array(16_384));
      await connection.write(new TextEncoder().encode(text));
      if (closes) connection.closeWrite();
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      for (const connection of open) connection.close();
    },
  };
}

const local = { trustedHosts: ["127.0.0.1"] };

Deno.test("a call arrives as it was made, and its answer comes back", async () => {
  await using server = serve(async (request) =>
    Response.json({
      method: request.method,
      url: new URL(request.url).pathname + new URL(request.url).search,
      body: await request.text(),
      headers: Object.fromEntries(request.headers),
    }, { status: 201, headers: { "x-answer": "yes" } })
  );
  const guardedFetch = createGuardedFetch({ trustedHosts: [server.host] });
  const response = await guardedFetch(`${server.url}a%20b?c=d`, {
    method: "POST",
    headers: { authorization: "Bearer hush" },
    body: new URLSearchParams({ grant_type: "refresh_token", ö: "ü" }),
  });
  equal(response.status, 201);
  equal(response.headers.get("x-answer"), "yes");
  const { headers, ...rest } = await response.json();
  deepEqual(rest, {
    method: "POST",
    url: "/a%20b?c=d",
    body: "grant_type=refresh_token&%C3%B6=%C3%BC",
  });
  deepEqual(
    [headers.authorization, headers["content-type"], headers.host],
    ["Bearer hush", "application/x-www-form-urlencoded;charset=UTF-8", server.host],
  );
});

Deno.test("bodies of every framing are read whole", async () => {
  const large = "x".repeat(300_000);
  await using server = serve((request) => {
    const path = new URL(request.url).pathname;
    if (path === "/none") return new Response(null, { status: 204 });
    return new Response(path === "/whole" ? large : ReadableStream.from(pieces(large)));
  });
  const guardedFetch = createGuardedFetch(local);
  equal(await (await guardedFetch(`${server.url}whole`)).text(), large);
  equal(await (await guardedFetch(`${server.url}chunked`)).text(), large);
  equal(await (await guardedFetch(`${server.url}none`)).text(), "");
  equal(await (await guardedFetch(`${server.url}whole`, { method: "HEAD" })).text(), "");
  await using untilEnd = serveBytes(
    "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end",
  );
  equal(await (await guardedFetch(untilEnd.url)).text(), "until the end");
});

function* pieces(text: string): Generator<Uint8Array> {
  for (let at = 0; at < text.length; at += 70_000) {
    yield new TextEncoder().encode(text.slice(at, at + 70_000));
  }
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`a redirect with ${status} to a cloud's metadata is not followed`, async () => {
    await using server = serve(() =>
      new Response("moved", { status, headers: { location: "http://169.254.169.254/latest/" } })
    );
    equal(await codeOf(createGuardedFetch(local)(server.url)), "redirect_refused");
  });
}

Deno.test("a redirect to the same server is not followed", async () => {
  let asked = 0;
  await using server = serve(() => {
    asked++;
    return new Response(null, { status: 302, headers: { location: "/elsewhere" } });
  });
  equal(await codeOf(createGuardedFetch(local)(server.url)), "redirect_refused");
  equal(asked, 1);
});

Deno.test("an answer larger than the limit is not read, however it is framed", async () => {
  const guardedFetch = createGuardedFetch({ ...local, maxBytes: 1000 });
  await using server = serve((request) => {
    const path = new URL(request.url).pathname;
    if (path === "/whole") return new Response("x".repeat(1001));
    if (path === "/fits") return new Response("x".repeat(1000));
    return new Response(ReadableStream.from(pieces("x".repeat(200_000))));
  });
  equal((await (await guardedFetch(`${server.url}fits`)).text()).length, 1000);
  equal(await codeOf(guardedFetch(`${server.url}whole`)), "answer_too_large");
  equal(await codeOf(guardedFetch(`${server.url}chunked`)), "answer_too_large");
  await using endless = serveBytes(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(2000)}`, { closes: false });
  equal(await codeOf(guardedFetch(endless.url)), "answer_too_large");
});

const UNREADABLE = {
  "nothing at all": "",
  "no HTTP": "SSH-2.0-OpenSSH_9.2\r\n",
  "half a head": "HTTP/1.1 200 OK\r\ncontent-le",
  "a header without a name": "HTTP/1.1 200 OK\r\n: 1\r\n\r\n",
  "a folded header": "HTTP/1.1 200 OK\r\na: 1\r\n b\r\n\r\n",
  "an endless head": `HTTP/1.1 200 OK\r\n${"a: 1234567890\r\n".repeat(10_000)}\r\n`,
  "a length that is none": "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nx",
  "two lengths": "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
  "half a body": "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx",
  "a chunk without a size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
  "a chunk that is too long":
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
  "half of the chunks": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n",
  "a status that is none": "HTTP/1.1 999 OK\r\n\r\n",
};
for (const [name, answer] of Object.entries(UNREADABLE)) {
  Deno.test(`an answer that is ${name} is refused`, async () => {
    await using server = serveBytes(answer);
    equal(await codeOf(createGuardedFetch(local)(server.url)), "answer_unreadable");
  });
}

Deno.test("a server that falls silent is disconnected, before and after its response head", async () => {
  for (const said of ["", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx"]) {
    await using server = serveBytes(said, { closes: false });
    const guardedFetch = createGuardedFetch({ ...local, timeoutMs: 100 });
    equal(await codeOf(guardedFetch(server.url)), "timeout");
  }
});

Deno.test("a name that is never resolved and a connection that is never made end in time", async () => {
  const never = () => new Promise<never>(() => {});
  const timeoutMs = 50;
  equal(
    await codeOf(createGuardedFetch({ resolve: never, timeoutMs })("https://a.example/")),
    "timeout",
  );
  const { guardedFetch } = refusing({ connect: never, timeoutMs });
  equal(await codeOf(guardedFetch("https://a.example/")), "timeout");
});

Deno.test("a public name is called on the port of https", async () => {
  const ports: number[] = [];
  const { guardedFetch } = refusing({
    connect: ({ port }) => {
      ports.push(port);
      return Promise.reject(new Error("no network here"));
    },
  });
  for (const url of ["https://a.example/", "https://a.example:443/"]) {
    equal(await codeOf(guardedFetch(url)), "unreachable");
  }
  deepEqual(ports, [443, 443]);
});

Deno.test("a caller can abort a call, with its own reason", async () => {
  await using server = serveBytes("", { closes: false });
  const stop = new AbortController();
  const call = createGuardedFetch(local)(server.url, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await rejects(call, /^Error: enough$/);
});

Deno.test("the error quotes nothing of an answer", async () => {
  const marker = "markerhush";
  await using server = serveBytes(`HTTP/1.1 302 ${marker}\r\nlocation: ${marker}\r\n\r\n${marker}`);
  const thrown = await createGuardedFetch(local)(server.url).catch((error: unknown) => error);
  ok(thrown instanceof GuardedFetchError);
  doesNotMatch(`${thrown.stack}${Deno.inspect(thrown.cause)}`, new RegExp(marker));
});

Deno.test("TLS is checked against the name, not against the address", async () => {
  const { cert, key } = await certificateFor("api.example.com");
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} },
    (request) => Response.json({ host: request.headers.get("host") }),
  );
  const { port } = server.addr;
  const call = (hostname: string, startTls: GuardedFetchOptions["startTls"]) =>
    createGuardedFetch({
      resolve: () => Promise.resolve(["93.184.216.34"]),
      // Stands in for the route of a public address.
      connect: (_address) => Deno.connect({ hostname: "127.0.0.1", port }),
      ...startTls && { startTls },
    })(`https://${hostname}/`);
  const trusting: GuardedFetchOptions["startTls"] = (connection, options) =>
    Deno.startTls(connection, { ...options, caCerts: [cert] });
  const response = await call("api.example.com", trusting);
  deepEqual(await response.json(), { host: "api.example.com" });
  equal(await codeOf(call("other.example.com", trusting)), "unreachable");
  equal(await codeOf(call("api.example.com", undefined)), "unreachable");
  await server.shutdown();
});

Deno.test("a server without TLS cannot be reached by https", async () => {
  await using server = serveBytes("HTTP/1.1 400 Bad Request\r\n\r\n");
  equal(
    await codeOf(createGuardedFetch(local)(server.url.replace("http:", "https:"))),
    "unreachable",
  );
});
