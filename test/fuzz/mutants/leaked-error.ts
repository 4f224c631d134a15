/** The response contains the message of the exception of the store's client. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/http/pipeline/error-response.ts',
  "'The store cannot answer right now. Try again shortly.'",
  'String(thrown.cause ?? thrown.message)',
)
