/**
 * `npm run wall`: prints the SQL that builds the second wall on a ClickHouse server, for someone who may make users there. Exit codes: 0, 2 for a wrong configuration.
 */
import { rowPolicyStatements } from '../clickhouse/access/row-policies.ts'
import type { Config } from '../config.ts'
import { runCommand, UsageError } from './run-command.ts'
import { printError, printOut, writeRaw } from './output.ts'

const USAGE = `Usage: npm run wall --silent | clickhouse-client --user <who may make users>

Prints the SQL that makes the user of CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD: it may only read, and only the
rows of the tenant that each query names. Nothing is connected to. Run the service with the same variables afterwards.`

async function printRowPolicies({
  clickhouseDatabase: database,
  clickhouseCluster: cluster,
  clickhouseReader: reader,
}: Config): Promise<number> {
  if (process.argv.slice(2).includes('--help')) printOut(USAGE)
  else if (process.argv.length > 2) throw new UsageError(USAGE)
  else if (!reader)
    throw new UsageError(`CLICKHOUSE_READER_USER and CLICKHOUSE_READER_PASSWORD are needed.\n\n${USAGE}`)
  else for (const statement of await rowPolicyStatements({ database, cluster, ...reader })) writeRaw(`${statement};\n`)
  return 0
}

process.exitCode = await runCommand(process.env, printError, printRowPolicies)
