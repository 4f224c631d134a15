/**
 * The wall's statements as a configuration of the embedded engine, which evaluates row policies and grants as a server does but has no place to keep users that are
 * made by SQL, and one user only. What the statements give to the reader is given to that one; nothing is added.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TENANT_SETTING } from '../../../src/clickhouse/connection/tenant-setting.ts'

/** The engine takes no custom settings either: a text that means nothing to the format the client asks for stands in. */
export const STAND_IN_SETTING = 'format_regexp'

/** Writes it into a directory; the file's path. Throws for a statement it cannot give to the engine. */
export function wallConfiguration(statements: readonly string[], user: string, directory: string): string {
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
    else if (whom !== `ALL EXCEPT \`${user}\``) throw new Error(`No such statement was expected: ${statement}`)
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
