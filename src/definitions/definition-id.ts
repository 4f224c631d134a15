const ID = /^[A-Za-z0-9-]{1,64}$/

/** Whether a text may be the id of a definition. */
export function isWellFormedId(text: string): boolean {
  return ID.test(text)
}
