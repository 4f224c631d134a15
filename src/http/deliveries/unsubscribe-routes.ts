/** The page that the unsubscribe link of a mail opens, and the request that a mail program sends for one click (RFC 8058). Neither needs a login or a cookie. */
import { Elysia } from 'elysia'
import type { ScheduleDeliveries } from '../../reports/delivery/schedule-deliveries.ts'
import { ROUTES } from '../routes.ts'
import { onBroker } from './serve-deliveries.ts'

/** Nothing is loaded, and the form is sent to the service alone. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

interface LinkContext {
  readonly params: { readonly token: string }
}

type UnsubscribeSource = Pick<ScheduleDeliveries, 'isToken' | 'unsubscribe'>

export const unsubscribeRoutes = (deliveries: UnsubscribeSource) =>
  new Elysia({ detail: { hide: true } })
    .get(ROUTES.unsubscribe.path, ({ params }: LinkContext) =>
      onBroker(async () => ((await deliveries.isToken(params.token)) ? pageResponse(FORM) : invalidLink())),
    )
    .post(
      ROUTES.unsubscribe.path,
      ({ params }: LinkContext) =>
        onBroker(async () => ((await deliveries.unsubscribe(params.token)) ? pageResponse(DONE) : invalidLink())),
      { parse: 'none' },
    )

/** The form is sent to the address of the page. Programs that check links follow them, so opening the page does nothing. */
const FORM = `<p>Do you want to stop receiving this report?</p>
<form method="post"><button type="submit">Unsubscribe</button></form>`
const DONE = '<p>You will not receive this report any more.</p>'
const INVALID = '<p>This link is not valid. Open the link of the mail again, or copy all of it.</p>'

function invalidLink(): Response {
  return pageResponse(INVALID, 404)
}

function pageResponse(content: string, status = 200): Response {
  const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Unsubscribe</title>
</head>
<body>
<h1>Unsubscribe</h1>
${content}
</body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': CONTENT_SECURITY_POLICY,
  }
  return new Response(page, { status, headers })
}
