// oidc-provider as it comes, with one client that gets an ES256 access token for its credentials, all in memory.
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'

const port = Number(process.argv[2])
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: '1' }] },
  clients: [{
    client_id: 'bench',
    client_secret: '0123456789abcdef0123456789abcdef',
    grant_types: ['client_credentials'],
    id_token_signed_response_alg: 'ES256',
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post'
  }],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:peer:api',
      getResourceServerInfo: () => ({
        scope: 'api', audience: 'urn:peer:api', accessTokenFormat: 'jwt', accessTokenTTL: 900,
        jwt: { sign: { alg: 'ES256' } }
      })
    }
  }
})
provider.listen(port, '127.0.0.1')
