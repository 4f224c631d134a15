import type { NatsConnection } from 'nats'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'

/**
 * Makes subscriptions of the connection survive their callbacks. The client calls them while it reads: an exception there ends its reader without a word, and nothing
 * arrives any more until the server hangs up.
 */
export function guardCallbacks(connection: NatsConnection, report: ReportUnexpectedError): NatsConnection {
  const subscribe = connection.subscribe.bind(connection)
  connection.subscribe = (subject, options) => {
    const { callback } = options ?? {}
    if (!callback) return subscribe(subject, options)
    return subscribe(subject, {
      ...options,
      callback(error, message) {
        try {
          callback(error, message)
        } catch (thrown) {
          report('socket', thrown)
        }
      },
    })
  }
  return connection
}
