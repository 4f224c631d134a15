/**
 * What a tenant without events is shown: the subjects and a sample event. The page's build runs this module and keeps only its result (`with { type: 'macro' }`).
 */
import { CATALOGUE } from './catalogue.ts'
import { exampleData } from './event-schemas.ts'

export interface FirstSteps {
  readonly subjects: readonly string[]
  /** The subject of the sample event. */
  readonly subject: string
  readonly eventType: string
  readonly data: Readonly<Record<string, unknown>>
}

export function firstSteps(): FirstSteps {
  const [first] = CATALOGUE
  return {
    subjects: CATALOGUE.map(({ subject }) => subject),
    subject: first!.subject,
    eventType: first!.eventType,
    data: exampleData(first!),
  }
}
