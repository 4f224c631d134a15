import type { Command } from 'commander'
import { rowPolicyStatements } from '../../clickhouse/access/row-policies.ts'
import { createCommand, EXIT_DONE, runTask } from '../command.ts'
import { writeRaw } from '../output.ts'

export function rowPoliciesCommand(): Command {
  const command = createCommand(
    'row-policies',
    'Prints the SQL that creates the reader of a ClickHouse server with its row policies. Connects to nothing.',
  )
  return command
    .addHelpText(
      'after',
      `
CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD name the reader. It can only read, and only the rows of the tenant that
each query names. Execute the SQL as a user with the right to create users, then start the service with the same variables:
npm run row-policies --silent | clickhouse-client --user <administrator>`,
    )
    .action(() =>
      runTask(async ({ clickhouseDatabase: database, clickhouseCluster: cluster, clickhouseReader: reader }) => {
        if (!reader) return command.error('error: CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD are required')
        for (const statement of await rowPolicyStatements({ database, cluster, ...reader })) writeRaw(`${statement};\n`)
        return EXIT_DONE
      }),
    )
}
