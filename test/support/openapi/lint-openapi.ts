/** `npm run check:docs`: prints the problems of the OpenAPI document, warnings included, and exits with 1 when there are any. */
import { problemsOf } from './document-rules.ts'
import { servedDocument } from './document.ts'

const document = await servedDocument()
const problems = await problemsOf(document)
for (const problem of problems) console.error(problem)
const operationCount = Object.values(document.paths).flatMap((operations) => Object.values(operations)).length
console.log(`The OpenAPI document describes ${operationCount} operations; ${problems.length} problems.`)
process.exitCode = problems.length === 0 ? 0 : 1
