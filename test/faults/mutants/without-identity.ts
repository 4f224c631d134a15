/** An event that is put away for later forgets what its producer called it. */
import { replaceText } from './replace-text.ts'

replaceText('src/nats/deferred/deferred-stream.ts', 'if (messageId !== undefined)', 'if (false)')
