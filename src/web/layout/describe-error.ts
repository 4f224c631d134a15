import { DIMENSIONS, FILTER_DIMENSIONS } from '../../analytics/dimensions.ts'
import { ApiError } from '../api/api-error.ts'
import { messages } from '../messages/messages.ts'

/** What the user can do about an error. */
export type ErrorAction = 'retry' | 'startOver' | 'signIn'

export interface ErrorDescription {
  readonly title: string
  readonly sentences: readonly string[]
  readonly action: ErrorAction
  /** The time until an automatic retry. */
  readonly retryAfterMs?: number
  readonly correlationId?: string | undefined
}

/** The longest time until the page asks again whether the numbers are ready. */
const MAX_WAIT_MS = 15_000

const ENTITY_PARAMETERS: readonly string[] = FILTER_DIMENSIONS.filter((name) => name !== 'channel').map(
  (name) => DIMENSIONS[name].parameter,
)

/** An error in the words of a user, by its status and the parameters that it names; never the texts of the service, which are for developers. */
export function describeError(error: unknown, isOnline: boolean): ErrorDescription {
  const { errors } = messages()
  if (!(error instanceof ApiError))
    return { title: errors.unexpected, sentences: [errors.unexpectedHint], action: 'retry' }
  const { status, code, retryAfterMs, correlationId } = error
  if (code === 'ENGAGEMENT_NOT_READY' && retryAfterMs !== undefined)
    return {
      title: errors.notReady,
      sentences: [errors.notReadyHint],
      action: 'retry',
      // Sooner than other clients: someone waits for the page.
      retryAfterMs: Math.min(retryAfterMs, MAX_WAIT_MS),
      correlationId,
    }
  if (retryAfterMs !== undefined)
    return { title: temporaryTitle(status, isOnline), sentences: [], action: 'retry', retryAfterMs, correlationId }
  switch (status) {
    case 400:
    case 404:
      return {
        title: errors.invalid,
        sentences: invalidParts(error),
        action: 'startOver',
        correlationId,
      }
    case 403:
      return { title: errors.forbidden, sentences: [errors.forbiddenHint], action: 'signIn', correlationId }
    case 504:
      return { title: errors.slow, sentences: [errors.slowHint], action: 'retry', correlationId }
    default:
      return { title: errors.unexpected, sentences: [errors.unexpectedService], action: 'retry', correlationId }
  }
}

function temporaryTitle(status: number, isOnline: boolean): string {
  const { errors } = messages()
  if (status === 429) return errors.tooMany
  if (status === 503) return errors.unavailable
  return isOnline ? errors.unreachable : errors.offline
}

function invalidParts({ details }: ApiError): string[] {
  const sentences = details.flatMap(({ path }) => sentenceFor(path) ?? [])
  return sentences.length > 0 ? [...new Set(sentences)] : [messages().errors.invalidHint]
}

function sentenceFor(path: string): string | undefined {
  const { fields } = messages().errors
  if (ENTITY_PARAMETERS.includes(path)) return fields.entity
  return Object.hasOwn(fields, path) ? fields[path as keyof typeof fields] : undefined
}
