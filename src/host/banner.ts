import type { OpenPlatform } from './open-platform.ts'

/** The address of the service on this machine, without a slash at its end. */
export function localAddress(host: string, port: number): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

export interface BannerContent {
  /** The address under which people reach the service, without a slash at its end. */
  readonly address: string
  /** The address of the service on this machine, in the same form. */
  readonly listenAddress: string
  /** A sign-in link with the development secret. */
  readonly dashboardAddress: string
  /** Undefined without the development secret. */
  readonly development: { readonly token: string; readonly tenantId: string; readonly days: number } | undefined
}

/** The last output of a start: the addresses and, with the development secret, a sign-in link and a token. */
export function bannerText(
  { address, listenAddress, dashboardAddress, development }: BannerContent,
  { natsServers, localServer, dashboardLink }: Pick<OpenPlatform, 'natsServers' | 'localServer' | 'dashboardLink'>,
): string {
  const lines = [
    '',
    `  Dashboards  ${dashboardAddress}`,
    ...(dashboardLink ? [`              (signs you in once; the next link is in ${dashboardLink.file})`] : []),
    `  Docs        ${address}/docs`,
    ...(address === listenAddress ? [] : [`  Listens on  ${listenAddress}`]),
    `  Events      ${natsServers.map(redactCredentials).join(', ')}`,
    ...(localServer ? [`              (user ${localServer.user}, password in ${localServer.passwordFile})`] : []),
  ]
  if (development) {
    const { token, tenantId, days } = development
    lines.push(
      `  Token       ${token}`,
      `              (tenant ${tenantId}, valid for ${days} days, for development only)`,
    )
    lines.push('', `  curl -H "Authorization: Bearer ${token}" ${address}/api/v1/analytics/overview`)
  }
  return `${lines.join('\n')}\n\n`
}

function redactCredentials(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//')
}
