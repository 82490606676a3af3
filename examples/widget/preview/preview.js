// The page in the frame is this page again, with ?frame: it holds nothing but the widget.
const query = new URLSearchParams(location.search);
const [key, api] = [query.get("key") ?? "", query.get("api") ?? ""];

if (query.has("frame")) {
  document.querySelector("main").replaceChildren();
  const script = document.createElement("script");
  script.async = true;
  script.dataset.key = key;
  // Only the address that the policy of this page allows can be loaded.
  const policy = globalThis.trustedTypes?.createPolicy("preview", {
    createScriptURL: (url) => url,
  });
  const address = `${api}/embed.js`;
  script.src = policy ? policy.createScriptURL(address) : address;
  addEventListener("agentbase:ready", () => globalThis.AgentbaseWidget.open());
  addEventListener("agentbase:error", ({ detail }) => parent.postMessage(detail, location.origin));
  document.body.append(script);
} else {
  const form = document.querySelector("#settings");
  form.elements.key.value = key;
  form.elements.api.value = api;
  form.elements.width.value = query.get("width") ?? "1000";
  form.method = "get";
  const frame = document.querySelector("#frame");
  if (key && api) {
    const origin = new URL(api).origin;
    document.querySelector("#snippet").textContent =
      `<script async src="${api}/embed.js" data-key="${key}"></script>`;
    document.querySelector("#policy").textContent = `script-src ${origin}; connect-src ${origin}`;
    frame.width = form.elements.width.value;
    frame.src = `?${new URLSearchParams({ key, api, frame: "" })}`;
  }
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== frame.contentWindow) return;
    document.querySelector("#problem").textContent = `The widget is not shown: ${data.code}.`;
  });
}
