/** `npm run check:docs`: prints the problems of the AsyncAPI document, warnings included, and exits with 1 when there are any. */
import { Parser } from '@asyncapi/parser'
import { createAsyncApiDocument } from '../../../src/events/asyncapi.ts'

/** Errors are 0, warnings 1; hints, such as a newer version of the specification, are above. */
const WARNING = 1

const document = createAsyncApiDocument()
const { diagnostics } = await new Parser().parse(JSON.stringify(document))
const problems = diagnostics.filter(({ severity }) => severity <= WARNING)
for (const { code, path, message } of problems) console.error(`${code} at ${path.join('.')}: ${message}`)
console.log(
  `The AsyncAPI document describes ${Object.keys(document.channels).length} channels; ${problems.length} problems.`,
)
process.exitCode = problems.length === 0 ? 0 : 1
