/**
 * The row policy statements as a configuration of the embedded engine. It evaluates row policies and grants like a server, but it has only one user and cannot store users
 * that SQL creates. This user gets exactly the rights that the statements give to the reading user.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TENANT_SETTING } from '../../../src/clickhouse/connection/tenant-setting.ts'

/** The engine supports no custom settings, so a setting that has no effect on the client's format replaces the tenant setting. */
export const STAND_IN_SETTING = 'format_regexp'

/** Writes the configuration into a directory; returns the path of the file. Throws for an unknown statement. */
export function rowPolicyConfiguration(statements: readonly string[], user: string, directory: string): string {
  const grants: string[] = []
  const policies: string[] = []
  let profile = ''
  for (const statement of statements) {
    const [, settings] = /^CREATE USER OR REPLACE .* SETTINGS (.*)$/.exec(statement) ?? []
    const [, grant, grantee] = /^(GRANT .*) TO `(\w+)`$/.exec(statement) ?? []
    const [, database, table, filter, whom] =
      /^CREATE ROW POLICY .* ON `(\w+)`\.`(\w+)` FOR SELECT USING (.*) TO (.*)$/.exec(statement) ?? []
    if (settings !== undefined)
      profile += settings
        .split(', ')
        .map((setting) => setting.replace(/^(\w+) = (.*)$/, '<$1>$2</$1>'))
        .join('')
    else if (grant !== undefined && grantee === user) grants.push(`<query>${grant}</query>`)
    else if (filter !== undefined && whom === `\`${user}\``)
      policies.push(
        `<${database}><${table}><filter>${filter.replaceAll(TENANT_SETTING, STAND_IN_SETTING)}</filter></${table}></${database}>`,
      )
    else if (whom !== `ALL EXCEPT \`${user}\``) throw new Error(`Unexpected statement: ${statement}`)
  }
  const users = join(directory, 'users.xml')
  writeFileSync(
    users,
    `<clickhouse><profiles><default>${profile}</default></profiles><quotas><default/></quotas><users><default><password></password>
      <networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <grants>${grants.join('')}</grants><databases>${policies.join('')}</databases></default></users></clickhouse>`,
  )
  const file = join(directory, 'config.xml')
  const directories = `<user_directories><users_xml><path>${users}</path></users_xml></user_directories>`
  writeFileSync(file, `<clickhouse>${directories}</clickhouse>`)
  return file
}
