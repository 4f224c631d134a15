import { createDevelopmentTokenIssuer } from '../http/auth/development-sign-in.ts'
import type { OpenPlatform } from './open-platform.ts'

const TOKEN_LIFETIME_S = 30 * 86_400

/** The address of the service on this machine, without a slash at its end. */
export function localAddress(host: string, port: number): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** What a start prints last: the addresses and, with the development secret, a sign-in link and a token. */
export async function bannerText(
  address: string,
  dashboardAddress: string,
  { page, clock, natsServers, localServer, dashboardLink }: OpenPlatform,
): Promise<string> {
  const lines = [
    '',
    `  Dashboards  ${dashboardAddress}`,
    ...(dashboardLink ? [`              (signs you in once; the next link is in ${dashboardLink.file})`] : []),
    `  Docs        ${address}/docs`,
    `  Events      ${natsServers.map(redactCredentials).join(', ')}`,
    ...(localServer ? [`              (user ${localServer.user}, password in ${localServer.passwordFile})`] : []),
  ]
  if (page.development) {
    const { token, tenantId } = await createDevelopmentTokenIssuer(page.development.key, clock)(TOKEN_LIFETIME_S)
    lines.push(`  Token       ${token}`, `              (tenant ${tenantId}, valid for 30 days, for development only)`)
    lines.push('', `  curl -H "Authorization: Bearer ${token}" ${address}/api/v1/analytics/overview`)
  }
  return `${lines.join('\n')}\n\n`
}

function redactCredentials(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//')
}
