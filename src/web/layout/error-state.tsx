import { ApiError } from '../api/api-error.ts'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'

/** In place of a view that could not be loaded: the reason, and a possible action. */
export function ErrorState({ error }: { readonly error: unknown }) {
  const { loader } = useApp()
  const { errors } = messages()
  return (
    <section class="status-message" role="alert">
      <h2>{errors.unexpected}</h2>
      <p>{error instanceof ApiError ? error.message : errors.unexpectedHint}</p>
      <button type="button" class="button primary" onClick={() => loader.retry()}>
        {errors.retry}
      </button>
    </section>
  )
}
