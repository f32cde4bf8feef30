// The whole code flow by openid-client: discovery, PKCE, id token, userinfo, refresh, introspection, revocation.
// Says where to send the person on its first line, reads where the person was sent back to, and answers as JSON.
import * as client from 'openid-client'
import readline from 'node:readline/promises'

const [issuer, id, secret, redirectUri] = process.argv.slice(2)
const proof = secret ? client.ClientSecretBasic(secret) : client.None()
const config = await client.discovery(new URL(issuer), id, undefined, proof, {
  execute: [client.allowInsecureRequests],
})
const verifier = client.randomPKCECodeVerifier()
const [state, nonce] = [client.randomState(), client.randomNonce()]
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid profile email media:read',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  max_age: '3600',
  state,
  nonce,
})
console.log(url.href)

const lines = readline.createInterface({ input: process.stdin })
const [back] = await new Promise((resolve) => lines.once('line', (line) => resolve([line])))
lines.close()
const tokens = await client.authorizationCodeGrant(config, new URL(back), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  maxAge: 3600,
  idTokenExpected: true,
})
const claims = tokens.claims()
const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
const before = secret ? await client.tokenIntrospection(config, renewed.access_token) : { active: true }
await client.tokenRevocation(config, renewed.refresh_token)
const after = secret ? await client.tokenIntrospection(config, renewed.access_token) : { active: false }
const own = secret ? await client.clientCredentialsGrant(config, { scope: 'media:read' }) : { scope: '' }
const refused = await client.refreshTokenGrant(config, renewed.refresh_token).catch((error) => error.error)
console.log(JSON.stringify({ claims, person, before, after, refused, scope: own.scope, expires: tokens.expires_in }))
