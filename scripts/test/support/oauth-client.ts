/** As whom every stack that tests start refreshes tokens of the provider "e2e_provider". */
export const oauthClient = { id: "agentbase-test", secret: "client secret / 1f0e" };
