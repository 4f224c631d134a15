/** The refusal of an invalid token contains the message of the exception. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/http/auth/authenticator.ts',
  "'A valid bearer token or API key is required.'",
  "String((cause as Error | undefined)?.message ?? 'No token.')",
)
