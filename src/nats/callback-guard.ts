import type { NatsConnection } from 'nats'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'

/**
 * Reports exceptions thrown in callbacks of the connection's subscriptions instead of passing them to the client. The client calls a callback from its read loop: an exception
 * ends that loop without an error, and no message arrives until the server closes the connection.
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
