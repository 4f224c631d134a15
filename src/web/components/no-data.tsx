import { messages } from '../messages/messages.ts'

/** In place of a number that does not exist, such as a rate of nothing. */
export function NoData() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span class="visually-hidden">{messages().table.noData}</span>
    </>
  )
}
