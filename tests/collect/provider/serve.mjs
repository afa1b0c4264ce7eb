// A real OpenID Connect provider for the tests. Settings come as JSON on standard input: port, jwks,
// clients. Its log-in form takes an account and the level of assurance that it then states.
// An account is known by its address; `unverified:` before it leaves the address unverified.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const { port, jwks, clients } = JSON.parse(readFileSync(0, "utf8"));
const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks,
  clients,
  pkce: { required: () => true },
  claims: { openid: ["sub", "acr"], email: ["email", "email_verified"] },
  acrValues: ["low", "substantial", "high"],
  cookies: { keys: ["of-the-tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id.replace(/^unverified:/, ""),
      email_verified: !id.startsWith("unverified:"),
    }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();

createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    return response.end('<form method="post"><input name="account"><input name="acr"></form>');
  }
  let body = "";
  for await (const part of request) body += part;
  const typed = new URLSearchParams(body);
  const login = { accountId: typed.get("account"), acr: typed.get("acr") };
  return provider.interactionFinished(request, response, { login });
}).listen(port, "127.0.0.1", () => console.log("listening"));
