import { ApiError } from '../api/api-error.ts'
import { ErrorState } from '../layout/states/error-state.tsx'
import { texts } from './texts/texts.ts'

interface DrillErrorProps {
  readonly error: unknown
  /** What was asked for. */
  readonly kind: 'search' | 'message' | 'contact'
  readonly onRetry: () => void
}

/** Why something behind a number cannot be shown. */
export function DrillError({ error, kind, onRetry }: DrillErrorProps) {
  const described = error instanceof ApiError ? describe(error.status, kind) : undefined
  if (!described) return <ErrorState error={error} onRetry={onRetry} />
  return (
    <section class="status-message" role="alert">
      <h2>{described.title}</h2>
      {described.hint !== undefined && <p>{described.hint}</p>}
    </section>
  )
}

function describe(status: number, kind: DrillErrorProps['kind']): { title: string; hint?: string } | undefined {
  const { deniedTitle, deniedHint, unknownMessage, unknownContact, unknownHint, notASearch } = texts()
  if (status === 403) return { title: deniedTitle, hint: deniedHint }
  if (status === 404) return { title: kind === 'contact' ? unknownContact : unknownMessage, hint: unknownHint }
  return status === 400 && kind === 'search' ? { title: notASearch } : undefined
}
