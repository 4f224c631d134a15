/** The text when it is an origin in the spelling of browsers, such as `https://app.example`; otherwise undefined. */
export function parseOrigin(text: string): string | undefined {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text ? text : undefined
}

/** The public address of a service, without a slash at its end; undefined when the URL has more than an origin and a path. */
export function publicUrlOf({ origin, pathname, username, password, search, hash }: URL): string | undefined {
  return `${username}${password}${search}${hash}` === '' ? origin + pathname.replace(/\/+$/, '') : undefined
}
