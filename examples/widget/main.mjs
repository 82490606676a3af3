// Two websites with one agent, and a page to preview its widget. Makes agent and widget as their
// owner, then serves the sites with a content policy that allows nothing but the widget.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import process from "node:process";

const { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY } = process.env;
const { EMAIL = "alice@example.com", PASSWORD = "agentbase" } = process.env;
if (!API_URL || !FUNCTIONS_URL || !PUBLISHABLE_KEY) {
  console.error("Set API_URL, FUNCTIONS_URL and PUBLISHABLE_KEY.");
  process.exit(2);
}

/** Calls Auth or the Data API; prints what it says where it refuses. */
async function call(path, body, token) {
  const response = await fetch(`${API_URL}${path}`, {
    method: "POST",
    headers: {
      apikey: PUBLISHABLE_KEY,
      "content-type": "application/json",
      prefer: "return=representation",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  console.error(`${path}: ${answer.message ?? answer.msg}`);
  process.exit(1);
}

/** Serves one page, and the files of the preview, on a port of its own. */
function serve(page) {
  const server = createServer(async (request, response) => {
    const name = request.url === "/preview.js" ? "preview.js" : "index.html";
    const isPreview = request.url?.startsWith("/preview");
    const content = isPreview
      ? await readFile(new URL(`preview/${name}`, import.meta.url))
      : page(new URL(`http://${request.headers.host}`));
    const host = new URL(FUNCTIONS_URL).origin;
    response.writeHead(200, {
      "content-type": name.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; script-src 'self' ${host}; connect-src ${host}; ` +
        "style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-src 'self'; " +
        "frame-ancestors 'self'; require-trusted-types-for 'script'",
    });
    response.end(content);
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`))
  );
}

/** The widget's key; its pages are served before there is one, so that their addresses are known. */
let key = "";

const site = (title, text) => () =>
  `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1><p>${text}</p></main>
<script async src="${FUNCTIONS_URL}/widget/embed.js" data-key="${key}"></script>
</body></html>`;

const shop = await serve(site("The shop", "We sell chairs."));
const help = await serve(site("The help pages", "How to assemble a chair."));

const { access_token, user } = await call("/auth/v1/token?grant_type=password", {
  email: EMAIL,
  password: PASSWORD,
});
const [agent] = await call("/rest/v1/agents", {
  name: "Chair assistant",
  vendor_id: "openai",
  service_id: "openai_gpt4o_mini",
  system_prompt: "You answer questions about chairs.",
  is_published: true,
  security: { allowed_domains: [shop, help] },
  created_by: user.id,
}, access_token);
const [widget] = await call("/rest/v1/widgets", {
  agent_id: agent.id,
  name: "Chair assistant",
  greeting: "Hello! Ask me anything about **chairs**.",
  created_by: user.id,
}, access_token);
key = widget.key;

console.log(`The shop:       ${shop}`);
console.log(`The help pages: ${help}`);
console.log(`The preview:    ${shop}/preview?key=${key}&api=${FUNCTIONS_URL}/widget`);
