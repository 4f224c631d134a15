/** What the store's client threw is told to whoever asked. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/http/pipeline/error-response.ts',
  "'The store cannot answer right now. Try again shortly.'",
  'String(thrown.cause ?? thrown.message)',
)
