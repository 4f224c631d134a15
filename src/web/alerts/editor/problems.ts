/** What is wrong with a rule, by field, in the words of the page: the texts of the service are for developers. */
import { ApiError } from '../../api/api-error.ts'
import { alertTexts } from '../texts/alert-texts.ts'

/** The paths of the fields that the service refused, such as `detector.above` or `notify.webhooks[0].url`. */
export type Problems = ReadonlySet<string>

export const NO_PROBLEMS: Problems = new Set()

/** The fields that an error names; `at` stands before their paths. */
export function problemsOf(error: unknown, at = ''): Problems {
  if (!(error instanceof ApiError) || error.status !== 400) return NO_PROBLEMS
  return new Set(
    error.details.flatMap(({ path }) =>
      path.startsWith(at) ? [path.slice(at.length)] : at.startsWith(path) ? [''] : [],
    ),
  )
}

/** What is wrong with a field; undefined where nothing is. */
export function problemText(problems: Problems, path: string): string | undefined {
  if (!problems.has(path)) return undefined
  const { problems: texts } = alertTexts().editor
  return texts[path.replaceAll(/\[\d+\]/g, '')] ?? texts.other
}
