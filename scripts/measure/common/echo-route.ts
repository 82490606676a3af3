/** A route of `begin_chat_turn()` to a model that echoes, for functions without a database. */
export function echoRoute(baseUrl: string) {
  return {
    agent_id: "00000000-0000-4000-9003-000000000000",
    agent: "bench-0",
    vendor_id: "bench_echo",
    service_id: "bench_echo_model",
    base_url: baseUrl,
    api_format: "openai",
    auth_type: "api_key",
    auth_header: "Authorization",
    auth_scheme: "Bearer",
    max_tokens_field: "max_tokens",
    cancel_stops_billing: true,
    model: "echo-1",
    context_window: 128_000,
    max_output_tokens: null,
    credential: "platform",
    keys: [],
  };
}
