/**
 * The command line: `bun src/cli/main.ts <command> …`, or `npm run <command> -- …`.
 */
import { deadLettersCommand } from './broker/dead-letters-command.ts'
import { replayCommand } from './broker/replay-command.ts'
import { buildPageCommand } from './build-page-command.ts'
import { createCommand, runCommandLine } from './command.ts'
import { importCommand } from './import/import-command.ts'
import { simulateCommand } from './simulate/simulate-command.ts'
import { auditCommand } from './store/audit-command.ts'
import { eraseCommand } from './store/erase-command.ts'
import { keysCommand } from './store/keys-command.ts'
import { migrateCommand } from './store/migrate-command.ts'
import { rowPoliciesCommand } from './store/row-policies-command.ts'

const program = createCommand(
  'outreach-analytics',
  'Commands of Outreach Analytics. All of them work while the service runs.',
)
for (const command of [
  simulateCommand(),
  importCommand(),
  replayCommand(),
  deadLettersCommand(),
  keysCommand(),
  auditCommand(),
  eraseCommand(),
  migrateCommand(),
  rowPoliciesCommand(),
  buildPageCommand(),
])
  program.addCommand(command)

process.exitCode = await runCommandLine(program, process.argv.slice(2))
