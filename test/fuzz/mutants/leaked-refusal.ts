/** Whoever has no valid token is told what is wrong with it, in the words of the exception. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/http/auth/authenticator.ts',
  "'A valid bearer token or API key is required.'",
  "String((cause as Error | undefined)?.message ?? 'No token.')",
)
