/** Real answers, shortened to a few items a list: what the docs show. A test holds each against its schema. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {}
